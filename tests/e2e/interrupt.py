"""Ctrl-C in the middle of a fault heals it, closes the run file and reports what there is."""
import signal

from _squall_e2e import (OWN_SCENARIOS, Lab, RunFile, Surroundings, check, equal, main, need,
                         squall, start)


def interrupt(folder, number):
    need("etcd")
    out = folder / "run.squall"
    around = Surroundings(folder)
    with start("run", OWN_SCENARIOS / "long-cut.yaml", "--out", out, env=around.env) as running:
        running.wait_for("network.partition cut: ")
        lab = Lab(running.pid)
        running.send(number)
        done = running.finish()
        lab.check_gone()
    equal(done.code, 5, "the exit code of an interrupted run", done)
    check("aborted: interrupted by hand  (exit 5)" in done.out, "the summary is printed", done)
    around.check_same("run.squall")  # one file: nothing is left to fold
    run = RunFile(out)
    equal(run.rows("SELECT id, ending FROM faults"), [("cut", "aborted")], "the fault", done)
    equal(run.value("SELECT end_ns > start_ns FROM faults"), "1", "that the fault ended", done)
    equal(run.meta("ending"), "aborted: interrupted by hand", "the run's ending")
    equal(run.value("SELECT count(*) FROM evidence WHERE grade = 'installed' AND moment = 'after' "
                    "AND holds = 0"), "0", "the number of probes that found the fault healed no")
    check(run.number_of_operations() > 0, "the operations are there", done)
    report = squall("report", out)
    equal(report.code, 5, "the exit code of its report", report)
    check(done.last_line().startswith("history ") and report.last_line() == done.last_line(),
          "the last line is the history's digest, the same offline", (done, report))


def ctrl_c_in_a_fault_heals_and_reports(folder):
    interrupt(folder, signal.SIGINT)


def a_termination_in_a_fault_heals_and_reports(folder):
    interrupt(folder, signal.SIGTERM)


main(ctrl_c_in_a_fault_heals_and_reports, a_termination_in_a_fault_heals_and_reports)
