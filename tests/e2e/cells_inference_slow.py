"""A slow replica (FM-37): only ejection by comparison with its peers notices."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/slow-replica-unsafe.yaml", "scenarios/slow-replica-safe.yaml"


def a_slow_replica_that_stays_drags_the_tail(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "slo", "violated")
    fault[0].check_all_installed(["slow"])
    check_control(control, "slo")


def a_slow_replica_that_is_ejected_does_not(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "slo", "valid")
    fault[0].check_all_installed(["slow"])
    check_control(control, "slo")


main(a_slow_replica_that_stays_drags_the_tail,
     a_slow_replica_that_is_ejected_does_not)
