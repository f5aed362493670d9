"""The planted stack does what it is built for: with a bug on it violates, without it passes.

The window of the race is wide here, so that one run is enough; as they stand the bugs show once in
ten, a hundred and a thousand runs."""
import os
import pathlib

from _cells import cells, check_verdict
from _squall_e2e import SQUALL, main

EARLY_REPLY = "tests/planted/early-reply.yaml"
CAS_RACE = "tests/planted/cas-race.yaml"
STALE_LEASE = "tests/planted/stale-lease.yaml"
WIDE = ("--set", "stack.with.rounds=1500000")
SAFE = ("--set", "stack.with.bug=none", "--set", "expect=pass")


def only_the_store_with_the_bug_violates(folder):
    os.environ["PATH"] = f"{pathlib.Path(SQUALL).parent}:{os.environ['PATH']}"
    race, no_race, crash, pause = cells(
        folder, (CAS_RACE, *WIDE), (CAS_RACE, *SAFE), (EARLY_REPLY, *SAFE), (STALE_LEASE, *SAFE))
    check_verdict(race, "linearizable", "violated")
    check_verdict(no_race, "linearizable", "valid")
    check_verdict(crash, "set-full", "valid")
    crash[0].check_all_installed(["crash"])
    check_verdict(pause, "set-full", "valid")
    pause[0].check_all_installed(["pause"])


main(only_the_store_with_the_bug_violates)
