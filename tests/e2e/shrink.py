"""A violation among other faults, shrunk in labs within a small budget."""
import re

from _squall_e2e import OWN_SCENARIOS, PATIENCE, RunFile, check, equal, main, need, squall, start

BUDGET = 6  # the original, no fault, two halves, a step more, the rate


def the_faults_that_do_not_matter_go(folder):
    need("etcd")
    run = folder / "run.squall"
    # As a hunt runs it: a violation that is proven counts, however late a fault was.
    done = squall("run", OWN_SCENARIOS / "stale-noisy.yaml", "--out", run, "--set", "expect=pass")
    equal(done.code, 1, "the exit code of the run", done)

    out = folder / "shrink"
    with start("shrink", run, "--out", out, "--tries", "1", "--measure", "1",
               "--budget", BUDGET) as running:
        running.process.wait(BUDGET * PATIENCE)
        shrunk = running.finish()
    equal(shrunk.code, 0, "the exit code", shrunk)
    text = (out / "shrunk.yaml").read_text(encoding="utf-8")
    faults = re.findall(r"^ +- name: (\S+)\n +at:", text, re.MULTILINE)
    check("cut" in faults and len(faults) <= 2, "the cut is left, and one more at most", text)
    check("# It violates bounded-staleness" in text, "it says what it violates", text)
    check("1 of 1 fresh runs violated it" in text, "it states its rate", text)
    valid = squall("validate", out / "shrunk.yaml")
    equal(valid.code, 0, "the exit code of its validation", valid)
    verdicts = RunFile(out / "shrunk.squall").verdicts()
    equal([row[:2] for row in verdicts], [("bounded-staleness", "violated")],
          "the verdicts of its run")

    clean = squall("shrink", out / "shrunk.squall", "--check", "linearizable")
    equal(clean.code, 2, "the exit code for a check that was not violated", clean)
    check("this run violated other checks: bounded-staleness" in clean.err, "it says so", clean)


main(the_faults_that_do_not_matter_go)
