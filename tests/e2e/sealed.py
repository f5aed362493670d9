"""The sealed arena: the ordinary lab in a machine, cold and from a snapshot; what is refused."""
import os

from _sealed import facts, in_machine, need_a_machine, sealed
from _squall_e2e import (OWN_SCENARIOS, RunFile, check, equal, forbid_user_namespaces, main,
                         squall)

SCENARIO = OWN_SCENARIOS / "sealed.yaml"


def named(cache, out):
    return sealed(SCENARIO, cache, out)


def where_namespaces_are_forbidden(cache, out):
    return in_machine(SCENARIO, cache, out, before_exec=forbid_user_namespaces)


def a_cold_run_and_a_resumed_one_are_judged_as_in_the_lab(folder):
    """The cold one falls back to the machine: no arena is named, and no lab can be built."""
    need_a_machine()
    for number, run, began in ((1, where_namespaces_are_forbidden, "boot"),
                               (2, named, "ready snapshot")):
        out = folder / f"{number}.squall"
        done = run(folder / "cache", out)
        said = ("squall: user namespaces are forbidden here (make the lab's namespaces: No space "
                "left on device; user.max_user_namespaces is 0")
        equal(said in done.err, number == 1, "whether it fell back aloud", done)
        equal(done.code, 4, "the exit code: the latency is not judged", done)
        run = RunFile(out)
        equal(run.meta("arena"), "sealed", "the arena")
        verdicts = {row[0]: row for row in run.verdicts()}
        equal(verdicts["linearizable"][1], "valid", "the verdict", done)
        check(verdicts["linearizable"][2] > 50, "it saw operations", done)
        equal(verdicts["slo"][1], "unknown", "the verdict on latencies", done)
        run.check_all_installed(["cut"])
        equal(facts(run)["began_from"], began, "where it began", done)
        check(int(run.meta("sealed_busy_percent")) <= 70, "the machine had idle time", facts(run))
    left = sorted(path.suffix for path in (folder / "cache/snapshots").iterdir())
    equal(left, ["", ".memory", ".memory", ".state", ".state"], "what the cache holds")

    states = (folder / "cache/snapshots").glob("*.state")
    newest = max(states, key=lambda path: path.stat().st_mtime)
    os.truncate(newest, newest.stat().st_size // 2)
    done = sealed(SCENARIO, folder / "cache", folder / "perturbed.squall", "--perturb", "1")
    check("the ready snapshot cannot be used and is thrown away: " in done.out + done.err,
          "a damaged snapshot is thrown away aloud", done)
    perturbed = RunFile(folder / "perturbed.squall")
    equal(facts(perturbed)["began_from"], "booted snapshot", "where it began instead", done)
    check(done.code in (3, 4), "a perturbed run is not judged otherwise", done)
    check("held " in facts(perturbed)["perturber"], "the perturber held threads", done)


def a_script_is_refused_before_booting(folder):
    need_a_machine()
    scenario = folder / "script.yaml"
    text = SCENARIO.read_text(encoding="utf-8").replace(
        "{use: topologies/etcd-3.yaml}",
        "{inline: {topology: t, regions: {eu: {}}, nodes: {n: {region: eu, run: [p]}}, "
        "processes: {p: {role: registry, command: ['" + __file__ + "']}}}}")
    text = text.replace("leader(registry), '!leader(registry)'", "n, n")
    scenario.write_text(text.partition("timeline:")[0] + "timeline: []\nchecks: [linearizable]\n",
                        encoding="utf-8")
    done = squall("run", scenario, "--arena", "sealed", "--out", folder / "s.squall",
                  env={"SQUALL_CACHE": str(folder / "cache2")})
    check("cannot run in the sealed arena: it is no ELF program" in done.err, "it says why", done)
    check(not (folder / "s.squall").exists(), "nothing was run", done)


main(a_cold_run_and_a_resumed_one_are_judged_as_in_the_lab,
     a_script_is_refused_before_booting)
