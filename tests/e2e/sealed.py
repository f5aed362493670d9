"""The sealed arena: the ordinary lab in a machine, cold and from a snapshot; what is refused."""
import json
import os
import pathlib
import shutil

from _squall_e2e import (OWN_SCENARIOS, SQUALL, RunFile, Skip, check, equal, main, need, squall,
                         start)

LONG = 600  # seconds until we give a machine up; a cold run takes some 40
SCENARIO = OWN_SCENARIOS / "sealed.yaml"


def need_a_machine():
    need("etcd")
    if shutil.which("qemu-system-x86_64") is None:
        raise Skip("there is no qemu-system-x86_64: apt-get install qemu-system-x86")
    kernel = os.environ.get("SQUALL_KERNEL", pathlib.Path(SQUALL).parents[1] / "kernel/root")
    if not list(pathlib.Path(kernel).glob("boot/vmlinuz-*-cloud-amd64")):
        raise Skip(f"there is no cloud kernel in {kernel}: run ./dev kernel")


def sealed(folder, out, *more):
    with start("run", SCENARIO, "--arena", "sealed", "--out", out, *more,
               env={"SQUALL_CACHE": str(folder / "cache")}) as running:
        running.process.wait(LONG)
        return running.finish()


def facts(run):
    return json.loads(run.meta("sealed"))


def a_cold_run_and_a_resumed_one_are_judged_as_in_the_lab(folder):
    need_a_machine()
    for number, began in ((1, "boot"), (2, "ready snapshot")):
        out = folder / f"{number}.squall"
        done = sealed(folder, out)
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

    done = sealed(folder, folder / "perturbed.squall", "--perturb", "1")
    perturbed = RunFile(folder / "perturbed.squall")
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
