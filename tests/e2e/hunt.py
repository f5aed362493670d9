"""A hunt in labs: what violates is kept and grouped; Ctrl-C and SIGKILL leave nothing."""
import json
import os
import signal

from _squall_e2e import (OWN_SCENARIOS, Lab, RunFile, Surroundings, check, equal, main, need,
                         squall, start)


IN_LABS = ("--arena", "lab")  # the default is the sealed arena


def hunted(folder):
    return json.loads((folder / "hunt.json").read_text(encoding="utf-8"))


def violations_are_kept_and_grouped_and_a_hunt_goes_on(folder):
    need("etcd")
    out = folder / "hunt"
    words = ["hunt", OWN_SCENARIOS / "stale.yaml", *IN_LABS, "--out", out,
             "--until", "all", "--jobs", "2"]
    done = squall(*words, "--seeds", "1..2")
    equal(done.code, 1, "the exit code", done)
    state = hunted(out)
    equal((state["counts"]["found"], state["counts"]["done"]), (2, 2), "found of done", done)
    # One group, or two where one run read nothing and the other an old value.
    equal(sum(group["count"] for group in state["groups"]), 2, "what is in groups", state)
    for group in state["groups"]:
        check(group["check"].startswith("bounded-staleness"), "it is the check", group)
    equal(sorted(os.listdir(out)), [".lock", "hunt.json", "seed-1.log", "seed-1.squall",
                                    "seed-2.log", "seed-2.squall"], "what is kept")
    equal(RunFile(out / "seed-2.squall").meta("seed"), "2", "the seed of a kept run")
    check("squall shrink" in done.out, "it says what to do next", done)

    again = squall(*words, "--seeds", "1..2")
    equal(again.code, 1, "the exit code of the same again", again)
    equal(hunted(out)["runs"], state["runs"], "the runs of the same again")

    other = squall(*words, "--seeds", "1..2", "--set", "settle=2s")
    equal(other.code, 2, "the exit code of another scenario in the folder", other)
    check("the scenario or its topology has changed" in other.err, "it says why", other)


def ctrl_c_heals_and_a_clean_hunt_says_so(folder):
    need("etcd")
    around = Surroundings(folder)
    words = ["hunt", OWN_SCENARIOS / "pause.yaml", *IN_LABS, "--out", folder / "hunt",
             "--jobs", "1", "--set", "timeline.pause.for=60s"]
    with start(*words, "--seeds", "1..3", env=around.env) as running:
        log = folder / "hunt/running/seed-1.squall"
        lab = wait_for_fault(running, log)
        running.send(signal.SIGINT)
        done = running.finish()
    equal(done.code, 5, "the exit code", done)
    lab.check_gone()
    equal(hunted(folder / "hunt")["runs"], [], "the runs that are done")
    around.check_same("hunt")


def sigkill_leaves_nothing_running(folder):
    need("etcd")
    around = Surroundings(folder)
    with start("hunt", OWN_SCENARIOS / "pause.yaml", *IN_LABS, "--out", folder / "hunt",
               "--jobs", "2", "--set", "timeline.pause.for=60s", "--seeds", "1..3",
               env=around.env) as running:
        lab = wait_for_fault(running, folder / "hunt/running/seed-1.squall")
        running.send(signal.SIGKILL)
        running.finish()
        lab.check_gone()
    around.check_same("hunt")


def wait_for_fault(running, path):
    """Until the run has begun its fault; all processes below the hunt."""
    import time  # pylint: disable=import-outside-toplevel
    until = time.monotonic() + 120
    while time.monotonic() < until and not running.ended():
        if path.exists():
            asked = squall("query", path, "SELECT count(*) FROM operations", "--tsv")
            if asked.code == 0 and asked.out.strip() not in ("", "0"):
                return Lab(running.pid)
        running.process.poll()
    raise AssertionError("the run never began: " + running.text("err"))


main(violations_are_kept_and_grouped_and_a_hunt_goes_on, ctrl_c_heals_and_a_clean_hunt_says_so,
     sigkill_leaves_nothing_running)
