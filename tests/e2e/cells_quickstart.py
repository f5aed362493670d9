"""The first run passes; the runs that prove nothing say so (exit 3)."""
from _cells import cells, check_control, check_verdict, run_scenario
from _squall_e2e import check, equal, main, need

CHECKERS = ("slo", "response-identity", "model-version", "prediction-parity")


def quickstart_passes(folder):
    need("etcd")
    fault, control = cells(folder, ("scenarios/quickstart.yaml",),
                           ("scenarios/quickstart.yaml", "--control"))
    fault[0].check_all_installed(["kill", "cut", "slow"])
    for checker in CHECKERS:
        check_verdict(fault, checker, "valid")
        check_control(control, checker)


def etcd_fails_over(folder):
    need("etcd")
    cell = run_scenario("scenarios/etcd-failover.yaml", folder)
    check_verdict(cell, "linearizable", "valid")
    cell[0].check_all_installed(["kill", "cut"])


def a_fault_that_hits_nothing_makes_the_run_invalid(folder):
    need("etcd")
    run, done = run_scenario("scenarios/vacuous.yaml", folder, expected=3)
    check("the run is vacuous: none of its faults hit anything that the stack did" in done.out,
          "the reason is given", done)
    run.check_all_installed(["cut"])
    equal([row[1] for row in run.verdicts()], ["unknown"], "the verdicts of a vacuous run", done)


def a_stack_that_misses_its_own_steady_state_makes_the_run_invalid(folder):
    need("etcd")
    unsteady = "scenarios/unsteady.yaml"
    for run, done in cells(folder, (unsteady,), (unsteady, "--control"), expected=3):
        check("the stack misses its own steady state" in done.out, "the reason is given", done)
        equal(run.rows("SELECT id FROM faults"), [], "the faults of a run that never began", done)


main(quickstart_passes, etcd_fails_over, a_fault_that_hits_nothing_makes_the_run_invalid,
     a_stack_that_misses_its_own_steady_state_makes_the_run_invalid)
