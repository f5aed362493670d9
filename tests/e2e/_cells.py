"""The 2×2 of a scenario pair: only the unsafe one may violate, and only with its fault."""
import pathlib
import threading

from _squall_e2e import ARENA, RETRIABLE, SOURCE, RunFile, check, equal, squall


def run_scenario(scenario, folder, *flags, expected=0):
    """One cell; a run that says of itself that it proved nothing is repeated once, aloud."""
    label = " ".join([pathlib.Path(scenario).stem, *flags])
    for attempt in (1, 2):
        out = folder / f"{label.replace(' ', '-')}-{attempt}.squall"
        done = squall("run", SOURCE / scenario, *flags, "--arena", ARENA,
                      "--out", out)
        if done.code == expected or done.code not in RETRIABLE or attempt == 2:
            break
        print(f"{label}: exit {done.code}, which may be retried once\n{done.out}", flush=True)
    equal(done.code, expected, f"the exit code of {label}", done)
    check(done.last_line().startswith("history "), f"{label} ends with its digest", done)
    return RunFile(out), done


def cells(folder, *wanted, expected=0):
    """Runs (scenario, flags…) tuples side by side; their (RunFile, Done) in the same order."""
    results = [None] * len(wanted)

    def one(index):
        try:
            results[index] = run_scenario(wanted[index][0], folder, *wanted[index][1:],
                                          expected=expected)
        except Exception as error:  # pylint: disable=broad-except
            results[index] = error

    threads = [threading.Thread(target=one, args=(index,)) for index in range(len(wanted))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def check_verdict(cell, checker, answer):
    """The one verdict of that checker; something was examined.  Its summary."""
    run, done = cell
    rows = [row for row in run.verdicts() if row[0] == checker]
    equal(len(rows), 1, f"the number of {checker} verdicts", done)
    equal(rows[0][1], answer, f"the verdict of {checker}", done)
    check(rows[0][2] > 0, f"{checker} examined something", done)
    equal(run.meta("ending"), "complete", "the run's ending", done)
    check(not run.has_wal(), "the run file is one file", done)
    offline = squall("check", run.path)
    equal(offline.code, 1 if answer == "violated" else 0, "the exit code of squall check", offline)
    return rows[0][3]


def check_control(cell, checker):
    run, _ = cell
    equal(run.meta("control"), "true", "whether it is a control run")
    equal(run.rows("SELECT id FROM faults"), [], "the faults of a control run")
    return check_verdict(cell, checker, "valid")


# Computed here from the operations, by nothing that the checker uses: the acknowledged adds that
# the last read of all did not return, and when they were acknowledged, from the cut on.
LOST = """
WITH last AS (SELECT value FROM ops WHERE f = 'read' AND outcome = 'ok'
              ORDER BY sent_ms DESC LIMIT 1),
     kept AS (SELECT item.value AS element FROM last, json_each(last.value) AS item)
SELECT count(*), min(completed_ms) - start_ms, max(completed_ms) - start_ms
FROM ops, fault_times
WHERE f = 'add' AND outcome = 'ok' AND id = 'cut'
  AND CAST(ops.value AS INTEGER) NOT IN (SELECT element FROM kept)
"""
# What the primary acknowledged just before the cut may still have been on its way to the replicas;
# the cut itself counts from when the last node had it.
ON_ITS_WAY_MS = 250


def check_loss(cell, summary):
    """The verdict's number of lost adds is right, and they were all acknowledged after the cut.
    When the last one was, in ms after it."""
    run, done = cell
    run.check_all_installed(["cut"])
    count, first_ms, last_ms = (float(text) for text in run.rows(LOST)[0])
    equal(int(summary.split()[0]), int(count), "the number of lost adds", done)
    check(count > 0 and first_ms > -ON_ITS_WAY_MS, "all were acknowledged after the cut",
          (count, first_ms, done))
    return last_ms
