"""Retries outlive their cause (FM-10): only with a budget does goodput come back."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/retry-storm-unsafe.yaml", "scenarios/retry-storm-safe.yaml"


def without_a_budget_the_storm_stays(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "slo", "violated")
    fault[0].check_all_installed(["slow"])
    check_control(control, "slo")


def with_a_budget_it_passes(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "slo", "valid")
    fault[0].check_all_installed(["slow"])
    check_control(control, "slo")


main(without_a_budget_the_storm_stays,
     with_a_budget_it_passes)
