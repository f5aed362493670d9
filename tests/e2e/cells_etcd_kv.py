"""etcd's key-value operations are linearizable whatever happens to the leader."""
from _cells import cells, check_control, check_verdict
from _squall_e2e import equal, main, need


def etcd_is_linearizable_under_a_cut_a_pause_and_a_kill_of_its_leader(folder):
    need("etcd")
    safe = "scenarios/etcd-kv-safe.yaml"
    fault, control = cells(folder, (safe,), (safe, "--control"))
    for cell in (fault, control):
        equal([row for row in cell[0].verdicts() if row[1] != "valid"], [], "verdicts not valid")
    check_verdict(fault, "linearizable", "valid")
    fault[0].check_all_installed(["cut", "pause", "kill"])
    check_control(control, "linearizable")


main(etcd_is_linearizable_under_a_cut_a_pause_and_a_kill_of_its_leader)
