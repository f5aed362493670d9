"""A planted race through hunt, replay and shrink, in the sealed arena and within a small budget."""
import os
import pathlib
import re

from _sealed import facts, need_a_machine, patiently
from _squall_e2e import OWN_SCENARIOS, SQUALL, RunFile, check, equal, main

SCENARIO = OWN_SCENARIOS / "planted-noisy.yaml"
SEEDS = "1..12"
BUDGET = 8  # the original, no faults, some steps more


def patient(folder, *words):
    path = f"{pathlib.Path(SQUALL).parent}:{os.environ['PATH']}"
    return patiently(folder / "cache", *words, env={"PATH": path})


def a_race_is_hunted_replayed_and_shrunk_in_the_machine(folder):
    need_a_machine()
    hunt = folder / "hunt"
    found = patient(folder, "hunt", SCENARIO, "--seeds", SEEDS, "--jobs", "2", "--out", hunt)
    equal(found.code, 1, "the exit code of the hunt", found)
    check("hunting in the sealed arena" in found.out, "it says where", found)
    kept = sorted(hunt.glob("seed-*.squall"))
    runs = [RunFile(path) for path in kept]
    machines = [facts(run) for run in runs]
    # Two begin together with an empty cache: one makes the snapshots, the other waits for them.
    began = [machine["began_from"] for machine in machines]
    check(began.count("boot") <= 1, "no two of them booted", began)
    for run, machine in zip(runs, machines):
        equal(str(machine["perturb"]), run.meta("seed"), "the perturbation seed is the seed")

    again = patient(folder, "replay", kept[0], "--quiet", "--out", folder / "again.squall")
    equal(again.code, 0, "the exit code of the replay", again)
    check(again.last_line().startswith("identical: "), "the violation happens again", again)

    out = folder / "shrink"
    # Without a rate: with so few tries that of the result may be small.
    done = patient(folder, "shrink", kept[0], "--out", out, "--tries", "2", "--measure", "0",
                   "--budget", BUDGET)
    equal(done.code, 0, "the exit code of the shrink", done)
    text = (out / "shrunk.yaml").read_text(encoding="utf-8")
    faults = re.findall(r"^ +- name: (\S+)\n +at:", text, re.MULTILINE)
    check(len(faults) <= 2, "two faults are left at most", text)
    check("# It violates linearizable" in text, "it says what it violates", text)
    shrunk = RunFile(out / "shrunk.squall")
    equal(shrunk.meta("arena"), "sealed", "the arena of the shrunk run")
    check(shrunk.number_of_operations() < runs[0].number_of_operations(), "fewer operations", done)


main(a_race_is_hunted_replayed_and_shrunk_in_the_machine)
