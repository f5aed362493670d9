"""A run with stop-on-violation ends, healed, soon after the first violation that is certain."""
from _cells import run_scenario
from _squall_e2e import check, equal, main, need

UNSAFE = "scenarios/etcd-lock-unsafe.yaml"


def operations_after_the_fault(run):
    """Sent after the paused holder went on, which is when it can do wrong."""
    return int(run.value("SELECT count(*) FROM operations WHERE sent_ns > "
                         "(SELECT end_ns FROM faults WHERE id = 'pause')"))


def a_run_stops_at_the_first_violation_that_is_certain(folder):
    need("etcd")
    whole, _ = run_scenario(UNSAFE, folder)
    # It is asked to go on for much longer than the other, and ends much sooner.
    early, done = run_scenario(UNSAFE, folder, "--set", "stop-on-violation=true",
                               "--set", "settle=60s")
    check(early.meta("ending").startswith("stopped: mutual-exclusion"), "the ending says why",
          early.meta("ending"))
    check("a violation is certain, stopping" in done.err + done.out, "the run says so", done)
    rows = [row for row in early.verdicts() if row[0] == "mutual-exclusion"]
    equal(rows[0][1], "violated", "the verdict over the whole recording", done)
    equal(early.rows("SELECT id, ending FROM faults"), [("pause", "healed")], "the fault", done)
    early.check_all_installed(["pause"])
    stopped, all_of_them = operations_after_the_fault(early), operations_after_the_fault(whole)
    print(f"operations after the fault: {stopped} of {all_of_them} when it goes on to its end")
    check(2 * stopped < all_of_them, "it ends before half of what the shorter run does",
          (stopped, all_of_them))


main(a_run_stops_at_the_first_violation_that_is_certain)
