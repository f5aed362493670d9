"""--repeat counts how often it was reproduced; --keep leaves the lab up until Ctrl-C."""
import os
import signal

from _squall_e2e import (OWN_SCENARIOS, Lab, RunFile, Surroundings, check, equal, main, need,
                         squall, start)


def repeat_says_how_often_it_was_reproduced(folder):
    need("etcd")
    done = squall("run", OWN_SCENARIOS / "stale.yaml", "--repeat", "2", "--out",
                  folder / "run.squall")
    equal(done.code, 0, "the exit code", done)
    check("\nreproduced 2/2\n" in done.out, "it counts the violations", done)
    check(done.last_line().startswith("history "), "the digest is the last line", done)
    equal(sorted(os.listdir(folder)), ["run.squall.1", "run.squall.2"], "the run files", done)
    for name in os.listdir(folder):
        equal([row[1] for row in RunFile(folder / name).verdicts()], ["violated"], "the verdicts")


def repeat_of_a_pass_reproduces_nothing(folder):
    need("etcd")
    done = squall("run", OWN_SCENARIOS / "pause.yaml", "--repeat", "2", "--out",
                  folder / "run.squall")
    equal(done.code, 0, "the exit code", done)
    check("\nreproduced 0/2\n" in done.out, "it counts no violations", done)


def a_kept_lab_is_entered_by_node_and_ends_with_ctrl_c(folder):
    need("etcd")
    out = folder / "run.squall"
    around = Surroundings(folder)
    with start("run", OWN_SCENARIOS / "pause.yaml", "--keep", "--out", out,
               env=around.env) as running:
        running.wait_for("the lab is up; in another terminal: squall shell .*e1 -- CMD")
        lab = Lab(running.pid)
        entered = squall("shell", "e1", "--run", running.pid, "--", "hostname")
        equal((entered.code, entered.out), (0, "e1\n"), "what hostname says in e1", entered)
        inside = squall("shell", "e1", "--run", running.pid, "--", "readlink", "/proc/self/ns/net")
        check(inside.out.strip() in lab.networks, "the command runs in the node's network", inside)
        failing = squall("shell", "e1", "--run", running.pid, "--", "sh", "-c", "exit 7")
        equal(failing.code, 7, "the exit code of a command that fails", failing)
        stranger = squall("shell", "e9", "--run", running.pid, "--", "hostname")
        check(stranger.code != 0 and "e9" in stranger.err, "an unknown node is named", stranger)
        running.send(signal.SIGINT)
        done = running.finish()
        lab.check_gone()
    equal(done.code, 0, "the exit code", done)
    check(done.last_line().startswith("history "), "the digest is the last line", done)
    around.check_same("run.squall")


main(repeat_says_how_often_it_was_reproduced, repeat_of_a_pass_reproduces_nothing,
     a_kept_lab_is_entered_by_node_and_ends_with_ctrl_c)
