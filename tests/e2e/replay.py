"""One sealed run, recorded with its machine: replayed, tampered with, and without a kernel here."""
import pathlib
import shutil
import sqlite3
import tempfile

from _sealed import need_a_machine, patiently
from _squall_e2e import OWN_SCENARIOS, RunFile, check, equal, main, squall

SCENARIO = OWN_SCENARIOS / "sealed-short.yaml"


def in_a_machine(shared, *words, **variables):
    return patiently(shared / "cache", *words, env={"TMPDIR": str(shared / "tmp"), **variables})


def recorded(shared):
    """The one run that all cases replay; the file of each is a copy."""
    need_a_machine()
    ticket = shared / "ticket.squall"
    if not ticket.exists():
        (shared / "tmp").mkdir(exist_ok=True)
        done = in_a_machine(shared, "run", SCENARIO, "--arena", "sealed", "--embed",
                            "--out", ticket)
        equal(done.code, 0, "the exit code of the run", done)
    return ticket


def altered(ticket, folder, *changes):
    copy = folder / "altered.squall"
    shutil.copy(ticket, copy)
    with sqlite3.connect(copy) as database:
        for change in changes:
            database.execute(change)
    database.close()
    return copy


def history_of(done):
    return done.last_line().split()[-1]


def main_with(shared):
    def a_replay_is_identical(folder):
        ticket = recorded(shared)
        done = in_a_machine(shared, "replay", ticket, "--out", folder / "again.squall")
        equal(done.code, 0, "the exit code", done)
        check(done.last_line().startswith("identical: "), "it says so", done)
        check("not as recorded" not in done.out, "nothing differs", done)
        report = squall("report", folder / "again.squall")
        check(history_of(report) == history_of(done), "the replay's file has that history", report)
        rows = RunFile(folder / "again.squall").rows("SELECT name FROM sqlite_schema WHERE name "
                                                     "LIKE 'embedded%'")
        equal(rows, [], "what the replay's file carries")

    def one_changed_operation_and_one_changed_fault_are_found(folder):
        ticket = recorded(shared)
        copy = altered(ticket, folder,
                       "UPDATE operations SET took_ns = took_ns + 64 WHERE operation = "
                       "(SELECT max(operation) FROM operations WHERE took_ns IS NOT NULL)",
                       "UPDATE faults SET end_ns = end_ns - 3")
        done = in_a_machine(shared, "replay", copy, "--quiet", "--out", folder / "again.squall")
        equal(done.code, 1, "the exit code", done)
        lines = done.out.splitlines()
        equal(lines[0], "different: fault 'cut': end is 3 ns later", "the first difference", done)
        check(lines[1].startswith("  recorded: kind network.partition, "), "one side", done)
        check(lines[2].startswith("  replayed: kind network.partition, "), "the other side", done)
        check("may be why" not in done.out, "no program is blamed", done)

    def the_carried_machine_serves_where_there_is_no_kernel(folder):
        ticket = recorded(shared)
        done = in_a_machine(shared, "replay", ticket, "--out", folder / "again.squall",
                            SQUALL_KERNEL=str(folder))
        equal(done.code, 0, "the exit code", done)
        check(done.last_line().startswith("identical: "), "it is identical", done)
        done = in_a_machine(shared, "replay", ticket, "--out", folder / "all.squall", "--quiet",
                            "--embedded", "--trust-embedded-qemu", SQUALL_QEMU="/nowhere/qemu",
                            SQUALL_KERNEL=str(folder))
        equal(done.code, 0, "the exit code with its QEMU", done)
        check(done.last_line().startswith("identical: "), "it is identical with its QEMU", done)
        done = in_a_machine(shared, "replay", ticket, "--out", folder / "no.squall", "--quiet",
                            SQUALL_QEMU="/nowhere/qemu")
        equal(done.code, 3, "the exit code without any QEMU", done)
        check("--trust-embedded-qemu" in done.err, "it says what would help", done)
        equal(list((shared / "tmp").iterdir()), [], "what is left in the temporary folder")

    def what_cannot_be_replayed_is_refused(folder):
        ticket = recorded(shared)
        lab = altered(ticket, folder, "UPDATE meta SET value = 'lab' WHERE key = 'arena'")
        done = squall("replay", lab)
        equal(done.code, 2, "the exit code for a run of the lab", done)
        check("recorded in the lab; only sealed runs can be replayed" in done.err, "why", done)
        damaged = altered(ticket, folder,
                          "UPDATE embedded_parts SET data = zeroblob(99) WHERE name = 'kernel'")
        done = in_a_machine(shared, "replay", damaged, "--embedded", "--out", folder / "x.squall")
        equal(done.code, 2, "the exit code for a damaged file", done)
        check("damaged: the embedded file 'kernel'" in done.err, "what is damaged", done)
        check(not (folder / "x.squall").exists(), "nothing was run", done)
        done = squall("run", SCENARIO, "--arena", "lab", "--embed")
        equal(done.code, 2, "the exit code of --embed in the lab", done)
        check("--embed needs --arena sealed" in done.err, "why not", done)

    main(a_replay_is_identical, one_changed_operation_and_one_changed_fault_are_found,
         the_carried_machine_serves_where_there_is_no_kernel, what_cannot_be_replayed_is_refused)


with tempfile.TemporaryDirectory(prefix="squall-e2e-") as name:
    main_with(pathlib.Path(name))
