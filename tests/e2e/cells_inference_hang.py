"""A hung engine behind a live process (FM-08): only a health check by progress notices."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/replica-hang-unsafe.yaml", "scenarios/replica-hang-safe.yaml"


def a_gateway_that_asks_for_life_keeps_a_hung_replica(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "slo", "violated")
    fault[0].check_all_installed(["hang"])
    check_control(control, "slo")


def a_gateway_that_asks_for_progress_ejects_it(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "slo", "valid")
    fault[0].check_all_installed(["hang"])
    check_control(control, "slo")


main(a_gateway_that_asks_for_life_keeps_a_hung_replica,
     a_gateway_that_asks_for_progress_ejects_it)
