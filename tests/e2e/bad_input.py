"""What the machine refuses is one clear error with its cure, and exit code 3."""
import os

from _squall_e2e import (NOBODY, OWN_SCENARIOS, RunFile, Skip, SmallDisk, become_nobody, check,
                         equal, forbid_user_namespaces, main, need, need_root, squall)

PAUSE = OWN_SCENARIOS / "pause.yaml"
CUT = OWN_SCENARIOS / "cut.yaml"


def check_refused(done, *words):
    """Exit 3, and one error line that holds all the words."""
    equal(done.code, 3, "the exit code", done)
    errors = [line for line in done.err.splitlines() if line.startswith("squall: ")]
    equal(len(errors), 1, "the number of errors", done)
    for word in words:
        check(word in errors[0], f"the error names {word!r}", done)


def a_missing_server_is_named_with_where_to_get_it(folder):
    empty = folder / "empty"
    empty.mkdir()
    done = squall("run", PAUSE, "--out", folder / "run.squall",
                  env={"SQUALL_STACKS": str(empty), "PATH": str(empty)})
    equal(done.code, 3, "the exit code", done)
    check("there is no program 'etcd'" in done.out and "./dev stacks" in done.out,
          "the program and the cure are named", done)


def an_unwritable_run_file_is_refused_before_anything_runs(folder):
    (folder / "file").touch()
    for out in (folder / "nowhere/run.squall", folder / "file/run.squall", folder):
        done = squall("run", PAUSE, "--out", out)
        check_refused(done, str(out))
        check("stack is ready" not in done.err, "nothing was started", done)


def a_scenario_that_is_not_there_or_not_valid_is_a_usage_error(folder):
    done = squall("run", folder / "none.yaml")
    equal(done.code, 2, "the exit code of a missing file", done)
    broken = folder / "broken.yaml"
    broken.write_text(PAUSE.read_text().replace("process.pause", "process.pose"))
    done = squall("run", broken)
    equal(done.code, 2, "the exit code of a bad scenario", done)
    check(f"{broken}:31:30:" in done.err and "did you mean 'process.pause'" in done.err,
          "the place and the nearest name", done)


def a_full_disk_ends_the_run_and_keeps_what_was_committed(folder):
    need("etcd")
    out = folder / "run.squall"
    with SmallDisk(folder, kilobytes=400) as disk:
        done = squall("run", OWN_SCENARIOS / "long-cut.yaml", "--out", out, before_exec=disk.enter)
        check_refused(done, str(out), "No space left on device", "--out")
        run = RunFile(out, disk.enter)
        check(run.number_of_operations() > 0, "what was committed can be read", done)
        report = squall("report", out, before_exec=disk.enter)
        equal(report.code, 3, "the exit code of its report", report)
    equal(os.listdir(folder), [], "the files on the disk behind the small one")


def without_user_namespaces_a_named_lab_names_the_cause_and_the_cure(folder):
    done = squall("run", PAUSE, "--arena", "lab", "--out", folder / "run.squall",
                  before_exec=forbid_user_namespaces)
    check_refused(done, "user.max_user_namespaces is 0: sysctl -w user.max_user_namespaces=",
                  "--arena sealed")


def where_no_arena_works_both_reasons_are_named(folder):
    done = squall("run", PAUSE, "--out", folder / "run.squall", before_exec=forbid_user_namespaces,
                  env={"SQUALL_QEMU": "/no/such/qemu"})
    check_refused(done, "no arena works here", "user.max_user_namespaces is 0", "/no/such/qemu")


def an_ordinary_user_without_tun_is_told_of_no_baseline(folder):
    need_root()
    os.chown(folder, NOBODY, NOBODY)
    if os.stat("/dev/net/tun").st_mode & 0o006 == 0o006:
        raise Skip("everybody may open /dev/net/tun here")
    done = squall("run", CUT, "--out", folder / "run.squall", before_exec=become_nobody)
    check_refused(done, "/dev/net/tun", "--no-baseline")


main(a_missing_server_is_named_with_where_to_get_it,
     an_unwritable_run_file_is_refused_before_anything_runs,
     a_scenario_that_is_not_there_or_not_valid_is_a_usage_error,
     a_full_disk_ends_the_run_and_keeps_what_was_committed,
     without_user_namespaces_a_named_lab_names_the_cause_and_the_cure,
     where_no_arena_works_both_reasons_are_named,
     an_ordinary_user_without_tun_is_told_of_no_baseline)
