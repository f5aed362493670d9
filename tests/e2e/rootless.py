"""An ordinary user runs a scenario: no privilege, no delay line, the same faults."""
import json
import os

from _squall_e2e import (NOBODY, OWN_SCENARIOS, Lab, RunFile, Surroundings, become_nobody, equal,
                         main, need, need_root, start)


def an_ordinary_user_passes_without_the_baseline(folder):
    need("etcd")
    need_root()
    around = Surroundings(folder)
    for path in (folder, around.temporary):
        os.chown(path, NOBODY, NOBODY)
    out = folder / "run.squall"
    with start("run", OWN_SCENARIOS / "cut.yaml", "--no-baseline", "--out", out, env=around.env,
               before_exec=become_nobody) as running:
        running.wait_for("network.partition cut: ")
        lab = Lab(running.pid)
        done = running.finish()
        lab.check_gone()
    equal(done.code, 0, "the exit code", done)
    run = RunFile(out)
    run.check_all_installed(["cut"])
    environment = json.loads(run.meta("environment"))
    equal(environment["baseline"], "off: --no-baseline", "the recorded baseline")
    equal(environment["uid"], str(NOBODY), "the recorded user")
    equal(os.stat(out).st_uid, NOBODY, "the owner of the run file")
    around.check_same("run.squall")


def an_ordinary_user_pauses_a_process(folder):
    need("etcd")
    need_root()
    os.chown(folder, NOBODY, NOBODY)
    out = folder / "run.squall"
    with start("run", OWN_SCENARIOS / "pause.yaml", "--out", out,
               before_exec=become_nobody) as running:
        done = running.finish()
    equal(done.code, 0, "the exit code", done)
    RunFile(out).check_all_installed(["pause"])


main(an_ordinary_user_passes_without_the_baseline, an_ordinary_user_pauses_a_process)
