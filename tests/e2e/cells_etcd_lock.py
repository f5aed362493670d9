"""A paused holder of an etcd lock wakes up: two holders without a guard, one with it."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import check, main, need

UNSAFE, SAFE = "scenarios/etcd-lock-unsafe.yaml", "scenarios/etcd-lock-safe.yaml"


def a_lock_without_a_guard_has_two_holders_only_when_its_holder_is_paused(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    summary = check_verdict(fault, "mutual-exclusion", "violated")
    check("wrote under lock" in summary and "had acquired it" in summary,
          "the witness says who wrote under whose lock", summary)
    fault[0].check_all_installed(["pause"])
    check_control(control, "mutual-exclusion")


def a_lock_guarded_by_its_revision_has_one_holder(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "mutual-exclusion", "valid")
    fault[0].check_all_installed(["pause"])
    check_control(control, "mutual-exclusion")


main(a_lock_without_a_guard_has_two_holders_only_when_its_holder_is_paused,
     a_lock_guarded_by_its_revision_has_one_holder)
