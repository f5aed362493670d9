"""A gateway's clock is ahead (FM-47): only a switch by revision is one switch for all."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/activation-skew-unsafe.yaml", "scenarios/activation-skew-safe.yaml"


def a_switch_by_wall_clock_splits_a_cohort(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "model-version", "violated")
    fault[0].check_all_installed(["skew"])
    check_control(control, "model-version")


def a_switch_by_revision_does_not(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "model-version", "valid")
    fault[0].check_all_installed(["skew"])
    check_control(control, "model-version")


main(a_switch_by_wall_clock_splits_a_cohort,
     a_switch_by_revision_does_not)
