"""Equal seeds give equal runs in the sealed arena, whatever the host does; other perturbation seeds
give other runs."""
import os

from _sealed import MODELS, busy_loops, dump, first_difference, need_a_machine, sealed, side_by_side
from _squall_e2e import OWN_SCENARIOS, RunFile, check, equal, main

SCENARIO = OWN_SCENARIOS / "sealed-short.yaml"
RUNS = 20        # over all models; the second half beside a busy loop on every processor
PERTURBED = 10


def run_one(folder, name, *flags):
    out = folder / f"{name}.squall"
    done = sealed(SCENARIO, folder / "cache", out, "--quiet", *flags)
    equal(done.code, 0, f"the exit code of {name}", done)
    return out


def equal_seeds_give_the_same_nanoseconds(folder):
    need_a_machine()
    runs = [(MODELS[number % len(MODELS)], f"{number}-{MODELS[number % len(MODELS)]}")
            for number in range(RUNS)]
    quiet, busy = runs[:RUNS // 2], runs[RUNS // 2:]
    side_by_side(quiet, lambda run: run_one(folder, run[1], "--machine-cpu", run[0]))
    with busy_loops(os.cpu_count() or 1):
        side_by_side(busy, lambda run: run_one(folder, run[1], "--machine-cpu", run[0]))
    for model in MODELS:
        dumps = [dump(folder / f"{name}.squall") for which, name in runs if which == model]
        check(len(dumps) >= RUNS // len(MODELS), f"{model} had its runs", len(dumps))
        check(sum(line.startswith("operations") for line in dumps[0]) > 50, "they did something",
              dumps[0][:20])
        for other in dumps[1:]:
            equal(first_difference(dumps[0], other), "", f"what differs between runs of {model}")


def perturbation_seeds_give_runs_of_their_own(folder):
    need_a_machine()
    seeds = range(1, PERTURBED + 1)
    side_by_side(seeds, lambda seed: run_one(folder, f"perturbed-{seed}", "--perturb", str(seed)))
    histories = {tuple(dump(folder / f"perturbed-{seed}.squall")) for seed in seeds}
    equal(len(histories), PERTURBED, "the number of different histories")
    again = run_one(folder, "again", "--perturb", "3")
    equal(first_difference(dump(folder / "perturbed-3.squall"), dump(again)), "",
          "what differs when a perturbed run is repeated")
    check("held " in RunFile(again).meta("sealed"), "the perturber held threads")


main(equal_seeds_give_the_same_nanoseconds, perturbation_seeds_give_runs_of_their_own)
