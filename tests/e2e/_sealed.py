"""What tests and benchmarks of the sealed arena share: a machine, many runs of it, their dumps."""
import contextlib
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading

from _squall_e2e import SQUALL, RunFile, Skip, need, start

LONG = 1800  # seconds until we give a machine up; an idle computer needs some 40
# Models without RDRAND, of different makers and ages: other instructions, other kernel paths.
MODELS = ("qemu64", "Nehalem", "Opteron_G3")
TABLES = ("processes", "functions", "history_values", "operations", "faults")


def need_a_machine():
    need("etcd")
    if shutil.which("qemu-system-x86_64") is None:
        raise Skip("there is no qemu-system-x86_64: apt-get install qemu-system-x86")
    kernel = os.environ.get("SQUALL_KERNEL", pathlib.Path(SQUALL).parents[1] / "kernel/root")
    if not list(pathlib.Path(kernel).glob("boot/vmlinuz-*-cloud-amd64")):
        raise Skip(f"there is no cloud kernel in {kernel}: run ./dev kernel")


def patiently(cache, *words, env=None, **options):
    """A command that may start machines, with that cache."""
    with start(*words, env={"SQUALL_CACHE": str(cache), **(env or {})}, **options) as running:
        running.process.wait(LONG)
        return running.finish()


def in_machine(scenario, cache, out, *more, **options):
    """A run that takes the sealed arena, named or not."""
    return patiently(cache, "run", scenario, "--out", out, *more, **options)


def sealed(scenario, cache, out, *more):
    return in_machine(scenario, cache, out, "--arena", "sealed", *more)


def facts(run):
    return json.loads(run.meta("sealed"))


def dump(path):
    """Every operation and fault interval with every nanosecond, as lines."""
    run = RunFile(path)
    return [f"{table}: {row}" for table in TABLES
            for row in run.rows(f"SELECT * FROM {table} ORDER BY rowid" if table == "faults"
                                else f"SELECT * FROM {table} ORDER BY 1")]


def first_difference(one, other):
    """As text; empty when there is none."""
    for number, (left, right) in enumerate(zip(one, other)):
        if left != right:
            return f"line {number}:\n  {left}\n  {right}"
    return "" if len(one) == len(other) else f"{len(one)} lines against {len(other)}"


@contextlib.contextmanager
def busy_loops(count):
    """So many processes of ours that take what processor time they can get."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def side_by_side(jobs, work):
    """Calls work(job) for each, as many at a time as there are processors; raises the first
    error."""
    left, errors = queue.Queue(), []
    for job in jobs:
        left.put(job)

    def worker():
        while not errors:
            try:
                work(left.get_nowait())
            except queue.Empty:
                return
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)

    workers = [threading.Thread(target=worker) for _ in range(os.cpu_count() or 1)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    if errors:
        raise errors[0]
