#!/usr/bin/env python3
"""The sealed arena: whether many runs of one seed are the same, and what they cost beside the lab.

  bench/sealed.py [RUNS] [SCENARIO]        from the repository, after ./dev build and ./dev kernel

RUNS (300) runs of a short scenario over three processor models, every second one beside a busy loop
on every processor; all dumps of a model are compared in full.  Then SCENARIO (the quickstart) three
times in the lab, cold in the machine, and from a snapshot, in turn, with medians.
"""
import json
import os
import pathlib
import resource
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from _sealed import MODELS, busy_loops, dump, first_difference, sealed, side_by_side
from _squall_e2e import OWN_SCENARIOS, RunFile, squall

ROUNDS = 3


def sameness(folder, runs):
    """So many runs, compared; only the first dump of each model is kept."""
    kept, differing, invalid = {}, [], 0

    def one(number):
        nonlocal invalid
        model = MODELS[number % len(MODELS)]
        out = folder / f"same-{number}.squall"
        done = sealed(OWN_SCENARIOS / "sealed-short.yaml", folder / "cache", out, "--quiet",
                      "--machine-cpu", model)
        if done.code != 0:
            invalid += 1
            print(f"run {number}: {done}", flush=True)
            return
        lines = dump(out)
        difference = first_difference(kept.setdefault(model, lines), lines)
        if difference:
            differing.append(number)
            print(f"run {number} of {model} differs, {difference}", flush=True)
        out.unlink()

    side_by_side(range(0, runs, 2), one)
    with busy_loops(os.cpu_count() or 1):
        side_by_side(range(1, runs, 2), one)
    print(f"{runs} runs of one seed over {len(MODELS)} processor models, half of them beside busy "
          f"loops: {len(differing)} differ, {invalid} invalid")


class Cost:
    """Real and processor seconds of what runs within."""

    def __enter__(self):
        self.before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.began = time.monotonic()
        return self

    def __exit__(self, *_):
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.real = time.monotonic() - self.began
        self.cpu = (after.ru_utime + after.ru_stime
                    - self.before.ru_utime - self.before.ru_stime)


def costs(folder, scenario):
    """The same scenario in the lab, cold and from a snapshot, in turn."""
    real = {"lab": [], "cold": [], "snapshot": []}
    cpu = {"lab": [], "cold": [], "snapshot": []}
    parts = []
    for number in range(ROUNDS):
        ways = {"lab": lambda out: squall("run", scenario, "--arena", "lab", "--out", out),
                "cold": lambda out, where=folder / f"cold-{number}":
                    sealed(scenario, where, out),
                "snapshot": lambda out, where=folder / f"cold-{number}":
                    sealed(scenario, where, out)}
        for way, run in ways.items():
            out = folder / f"{way}-{number}.squall"
            with Cost() as cost:
                done = run(out)
            if done.code != 0:
                print(f"{way}: {done}")
            real[way].append(cost.real)
            cpu[way].append(cost.cpu)
            if way != "lab":
                parts.append((way, json.loads(RunFile(out).meta("sealed"))))
    base = statistics.median(real["lab"])
    for way, seconds in real.items():
        used = statistics.median(cpu[way])
        print(f"{way:9} {statistics.median(seconds):6.1f} s real "
              f"({statistics.median(seconds) / base:.2f} of the lab), {used:6.1f} s of processor "
              f"time" + ("" if way == "lab" else f", {3600 / used:.0f} seeds per core-hour"))
    for way, facts in parts:
        split = ", ".join(f"{part} {took:.1f}" for part, took in facts["real_seconds"].items())
        print(f"{way:9} {facts['virtual_ns'] / 1e9:.1f} s virtual, {facts['busy_percent']} % busy; "
              f"real seconds: {split}")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    scenario = sys.argv[2] if len(sys.argv) > 2 else ROOT / "scenarios/quickstart.yaml"
    with tempfile.TemporaryDirectory(prefix="squall-bench-") as name:
        folder = pathlib.Path(name)
        if runs > 0:
            sameness(folder, runs)
        costs(folder, scenario)


main()
