"""Only the replies are lost (FM-15): only idempotency keys keep a retry from computing twice."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/reply-cut-unsafe.yaml", "scenarios/reply-cut-safe.yaml"


def without_keys_a_retry_computes_again(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "log-pattern", "violated")
    fault[0].check_all_installed(["replies"])
    check_control(control, "log-pattern")


def with_keys_it_does_not(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "log-pattern", "valid")
    fault[0].check_all_installed(["replies"])
    check_control(control, "log-pattern")


main(without_keys_a_retry_computes_again,
     with_keys_it_does_not)
