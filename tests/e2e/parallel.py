"""Two runs at once do not disturb each other."""
from _squall_e2e import OWN_SCENARIOS, Lab, RunFile, check, equal, main, need, start


def two_runs_at_once_both_pass(folder):
    need("etcd")
    outs = [folder / f"{name}.squall" for name in ("one", "two")]
    with start("run", OWN_SCENARIOS / "cut.yaml", "--out", outs[0]) as one, \
            start("run", OWN_SCENARIOS / "cut.yaml", "--out", outs[1]) as two:
        labs = []
        for running in (one, two):
            running.wait_for("network.partition cut: ")
            labs.append(Lab(running.pid))
        equal(labs[0].networks & labs[1].networks, set(), "the networks they share")
        check(len(labs[0].networks) >= 3, "each node has a network of its own", labs[0].networks)
        ends = [one.finish(), two.finish()]
        for lab in labs:
            lab.check_gone()
    for out, done in zip(outs, ends):
        equal(done.code, 0, "the exit code", done)
        RunFile(out).check_all_installed(["cut"])


main(two_runs_at_once_both_pass)
