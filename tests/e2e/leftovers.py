"""Whoever is killed or stopped in the middle of a fault: nothing is left, and the run says so."""
import os
import pathlib
import select
import signal
import time

from _squall_e2e import (OWN_SCENARIOS, PATIENCE, Lab, RunFile, Surroundings, check, equal, main,
                         need, squall, start)

LEASE_S = 5


class Midway:
    """A run whose cut is under way, and at least one commit of operations after it."""

    def __init__(self, folder, scenario, *flags, fault="network.partition cut: "):
        need("etcd")
        self.out, self.fault = folder / "run.squall", fault
        self.around = Surroundings(folder)
        self.running = start("run", OWN_SCENARIOS / scenario, *flags, "--out", self.out,
                             env=self.around.env)

    def __enter__(self):
        self.running.__enter__()
        self.running.wait_for(self.fault)
        self.lab = Lab(self.running.pid)
        until = time.monotonic() + PATIENCE
        while not self.has_committed_fault() and time.monotonic() < until:
            pass
        return self

    def __exit__(self, *what):
        return self.running.__exit__(*what)

    def has_committed_fault(self):
        return RunFile(self.out).value("SELECT count(*) FROM faults") != "0"

    def kill(self, *pids):
        for pid in pids:
            self.lab.signal(pid, signal.SIGKILL)

    def body(self):
        return self.lab.body(self.out)

    def check_cut_off(self):
        """The run file ends in the middle, is readable, and says that it does."""
        run = RunFile(self.out)
        operations = run.number_of_operations()
        check(operations > 0, "the committed operations are there")
        equal(run.rows("SELECT id, ending FROM faults"), [("cut", "")], "the fault under way")
        report = squall("report", self.out)
        equal(report.code, 3, "the exit code of its report", report)
        check("the run was cut off before its end was recorded" in report.out, "it says so", report)
        checked = squall("check", self.out)
        equal(checked.code, 0, "the exit code of squall check", checked)
        equal(run.number_of_operations(), operations, "the operations after reading it twice")


def killing_squall_leaves_nothing_but_a_readable_run_file(folder):
    with Midway(folder, "long-cut.yaml") as midway:
        midway.kill(midway.lab.outer)
        equal(midway.running.finish().code, -signal.SIGKILL, "how squall ended")
        midway.lab.check_gone()
    left = set(os.listdir(folder)) - {"temporary"}
    check({"run.squall"} <= left <= {"run.squall", "run.squall-wal", "run.squall-shm"},
          "there is the run file, with what SQLite has not folded", left)
    midway.check_cut_off()
    midway.around.check_same("run.squall")


def killing_the_orchestrator_ends_the_run_and_leaves_nothing(folder):
    with Midway(folder, "long-cut.yaml") as midway:
        midway.kill(midway.body())
        done = midway.running.finish()
        equal(done.code, 3, "the exit code", done)
        check("the lab's body was killed by signal 9" in done.err, "it says who died", done)
        midway.lab.check_gone()
    midway.check_cut_off()
    midway.around.check_same("run.squall")


def killing_an_agent_and_the_orchestrator_leaves_nothing(folder):
    with Midway(folder, "long-cut.yaml") as midway:
        midway.kill(midway.lab.agents()[2], midway.body())
        equal(midway.running.finish().code, 3, "the exit code")
        midway.lab.check_gone()
    midway.check_cut_off()
    midway.around.check_same("run.squall")


def killing_an_agent_ends_its_fault_and_not_its_processes(folder):
    with Midway(folder, "lease-cut.yaml") as midway:
        servers = midway.lab.programs("etcd")
        equal(len(servers), 3, "the number of etcd servers")
        midway.kill(midway.lab.agents()[2])
        midway.running.wait_for("the agent of e3 died; started again")
        equal([pid for pid in servers if not midway.lab.is_alive(pid)], [], "the dead etcd servers")
        done = midway.running.finish()
        midway.lab.check_gone()
    equal(done.code, 3, "the exit code", done)
    check("fault 'cut' did not end as written: died with its agent" in done.out, "why", done)
    equal(RunFile(midway.out).rows("SELECT id, ending FROM faults"),
          [("cut", "died with its agent")], "the fault")
    midway.around.check_same("run.squall")


def killing_an_agent_wakes_the_processes_that_it_paused(folder):
    with Midway(folder, "pause.yaml", "--set", "timeline.pause.for=9s",
                fault="process.pause pause: ") as midway:
        server = midway.lab.programs("etcd")[0]
        midway.kill(midway.lab.agents()[0])
        midway.running.wait_for("the agent of e1 died; started again")
        check(midway.lab.is_alive(server), "the paused server lives")
        done = midway.running.finish()
        midway.lab.check_gone()
    equal(done.code, 3, "the exit code", done)
    run = RunFile(midway.out)
    equal(run.rows("SELECT id, ending FROM faults"), [("pause", "died with its agent")], "faults")
    check(run.value("SELECT count(*) FROM ops, fault_times WHERE outcome = 'ok' "
                    "AND sent_ms > end_ms") != "0", "the server answers again", done)
    midway.around.check_same("run.squall")


def state_of(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def stop(midway, pid):
    midway.lab.signal(pid, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE
    while state_of(pid) != "T" and time.monotonic() < until:
        pass
    return pid


def stop_for_longer_than_a_lease(midway, *pids):
    for pid in pids:
        stop(midway, pid)
    # A lease is a time, and only time ends it.
    select.select([midway.lab.handles[pids[0]]], [], [], LEASE_S + 0.2)
    for pid in pids:
        if midway.lab.is_alive(pid):  # else it has been replaced already
            midway.lab.signal(pid, signal.SIGCONT)


def an_agent_that_hangs_for_less_than_its_lease_changes_nothing(folder):
    with Midway(folder, "cut.yaml") as midway:
        midway.lab.signal(stop(midway, midway.lab.agents()[2]), signal.SIGCONT)
        done = midway.running.finish()
        midway.lab.check_gone()
    equal(done.code, 0, "the exit code", done)
    run = RunFile(midway.out)
    run.check_all_installed(["cut"])
    equal(run.rows("SELECT id, ending FROM faults"), [("cut", "healed")], "the fault", done)
    midway.around.check_same("run.squall")


def check_lease_lost(midway, done):
    midway.lab.check_gone()
    equal(done.code, 3, "the exit code", done)
    check("fault 'cut' did not end as written: lease lost" in done.out, "the reason is given", done)
    equal(RunFile(midway.out).rows("SELECT id, ending FROM faults"), [("cut", "lease lost")],
          "the fault", done)
    midway.around.check_same("run.squall")


def an_agent_that_hangs_for_longer_than_its_lease_makes_the_run_invalid(folder):
    with Midway(folder, "lease-cut.yaml") as midway:
        stop_for_longer_than_a_lease(midway, midway.lab.agents()[2])
        check_lease_lost(midway, midway.running.finish())


def an_orchestrator_that_hangs_for_longer_than_the_lease_makes_the_run_invalid(folder):
    with Midway(folder, "lease-cut.yaml") as midway:
        stop_for_longer_than_a_lease(midway, midway.body())
        check_lease_lost(midway, midway.running.finish())


def an_agent_and_the_orchestrator_that_hang_make_the_run_invalid(folder):
    with Midway(folder, "lease-cut.yaml") as midway:
        stop_for_longer_than_a_lease(midway, midway.lab.agents()[2], midway.body())
        check_lease_lost(midway, midway.running.finish())


def an_agent_that_hangs_for_ever_is_replaced(folder):
    with Midway(folder, "lease-cut.yaml") as midway:
        stop(midway, midway.lab.agents()[2])
        done = midway.running.finish()
        check("the agent of e3 does not answer; started again" in done.err, "it says so", done)
        check_lease_lost(midway, done)


main(killing_squall_leaves_nothing_but_a_readable_run_file,
     killing_the_orchestrator_ends_the_run_and_leaves_nothing,
     killing_an_agent_and_the_orchestrator_leaves_nothing,
     killing_an_agent_ends_its_fault_and_not_its_processes,
     killing_an_agent_wakes_the_processes_that_it_paused,
     an_agent_that_hangs_for_less_than_its_lease_changes_nothing,
     an_agent_that_hangs_for_longer_than_its_lease_makes_the_run_invalid,
     an_orchestrator_that_hangs_for_longer_than_the_lease_makes_the_run_invalid,
     an_agent_and_the_orchestrator_that_hang_make_the_run_invalid,
     an_agent_that_hangs_for_ever_is_replaced)
