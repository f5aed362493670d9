"""A member that is cut off answers serializable reads from an old copy."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import main, need

UNSAFE, SAFE = "scenarios/etcd-stale-reads-unsafe.yaml", "scenarios/etcd-stale-reads-safe.yaml"


def serializable_reads_are_stale_only_with_the_cut(folder):
    need("etcd")
    fault, control = cells(folder, (UNSAFE,), (UNSAFE, "--control"))
    check_verdict(fault, "bounded-staleness", "violated")
    fault[0].check_all_installed(["cut"])
    check_control(control, "bounded-staleness")


def linearizable_reads_are_never_stale(folder):
    need("etcd")
    fault, control = cells(folder, (SAFE,), (SAFE, "--control"))
    check_verdict(fault, "bounded-staleness", "valid")
    fault[0].check_all_installed(["cut"])
    check_control(control, "bounded-staleness")


main(serializable_reads_are_stale_only_with_the_cut, linearizable_reads_are_never_stale)
