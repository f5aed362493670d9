"""What the end-to-end tests share: running the program, asking run files, counting what is left.

A test is a function whose name is a claim.  It gets a folder of its own and raises on the first
thing that is not so; `main` runs a script's tests one after the other and says how long each took.
Waits are bounded by PATIENCE, but nothing asserts how fast the machine is.
"""
import ctypes
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SOURCE = pathlib.Path(os.environ.get("SQUALL_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
SQUALL = os.environ.get("SQUALL", str(SOURCE / "build/bin/squall"))
OWN_SCENARIOS = SOURCE / "tests/e2e/scenarios"
# The cells of a scenario pair can also be run in the sealed arena: SQUALL_CELLS_ARENA=sealed.
ARENA = os.environ.get("SQUALL_CELLS_ARENA", "lab")
# Seconds until a wait is given up: far more than anything here needs.
PATIENCE = 3600 if ARENA == "sealed" else 120
SKIP = 77
RETRIABLE = (3, 4)  # invalid and inconclusive: docs/ci.md lets a CI repeat these once
NOBODY = 65534


class Skip(Exception):
    """The machine cannot show what the test claims."""


def stacks():
    """Where the stacks' servers are: said, or beside the program."""
    said = os.environ.get("SQUALL_STACKS")
    return pathlib.Path(said) if said else pathlib.Path(SQUALL).parents[1] / "stacks/root"


def need(*programs):
    for program in programs:
        if not (stacks() / "usr/bin" / program).exists():
            raise Skip(f"{program} is not in {stacks()}: run ./dev stacks")


def check(holds, claim, seen=""):
    if not holds:
        raise AssertionError(f"not so: {claim}\n{seen}")


def equal(seen, expected, what, more=""):
    check(seen == expected, f"{what} is {expected!r}, it is {seen!r}", more)


class Done:
    """A command that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def last_line(self):
        return self.out.rstrip("\n").rpartition("\n")[2]


class Running:
    """A command that runs, its output read as it comes.  Leaving the `with` kills what still runs:
    the process that we started and no other."""

    def __init__(self, *words, env=None, cwd=None, before_exec=None):
        environment = dict(os.environ, **(env or {}))
        # A session of its own: what the test sends reaches this process only.
        self.process = subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True, env=environment, cwd=cwd or SOURCE,
            preexec_fn=before_exec, start_new_session=True)
        self.pid = self.process.pid
        self.lines = {"out": [], "err": []}
        self.news = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in
                        (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def _read(self, name, stream):
        for line in stream:
            with self.news:
                self.lines[name].append(line)
                self.news.notify_all()
        with self.news:
            self.lines[name].append("")  # the end
            self.news.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def text(self, name):
        with self.news:
            return "".join(self.lines[name])

    def ended(self):
        return all(lines and lines[-1] == "" for lines in self.lines.values())

    def wait_for(self, pattern):
        """Until a line of its output or of its errors matches."""
        def found():
            return any(re.search(pattern, line) for lines in self.lines.values() for line in lines)
        with self.news:
            self.news.wait_for(lambda: found() or self.ended(), PATIENCE)
            check(found(), f"it prints /{pattern}/",
                  "".join(self.lines["out"] + self.lines["err"]))

    def send(self, number):
        self.process.send_signal(number)

    def finish(self):
        self.process.wait(PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        return Done(self.process.returncode, self.text("out"), self.text("err"))


def start(*words, **options):
    return Running(SQUALL, *words, **options)


def squall(*words, **options):
    with start(*words, **options) as running:
        return running.finish()


def unescape(match):
    return {"t": "\t", "n": "\n", "r": "\r"}.get(match.group(1), match.group(1))


class RunFile:
    """A run file, asked through the program."""

    def __init__(self, path, before_exec=None):
        self.path, self.before_exec = pathlib.Path(path), before_exec

    def rows(self, sql):
        asked = squall("query", self.path, sql, "--tsv", before_exec=self.before_exec)
        equal(asked.code, 0, "the exit code of a query", f"{sql}\n{asked}")
        return [tuple(re.sub(r"\\(.)", unescape, cell) for cell in line.split("\t"))
                for line in asked.out.split("\n")[:-1]]

    def value(self, sql):
        rows = self.rows(sql)
        return rows[0][0] if rows else None

    def meta(self, key):
        return self.value(f"SELECT value FROM meta WHERE key = '{key}'")

    def number_of_operations(self):
        return int(self.value("SELECT count(*) FROM operations"))

    def verdicts(self):
        """(checker, answer, examined, summary) of each check."""
        return [(name.partition("{")[0], answer, int(examined), summary)
                for name, answer, examined, summary in
                self.rows("SELECT check_name, answer, examined, summary FROM verdicts")]

    def has_wal(self):
        return pathlib.Path(str(self.path) + "-wal").exists()

    def check_all_installed(self, faults):
        """Every fault of the scenario is there, with installed evidence that holds throughout."""
        seen = {row[0] for row in self.rows("SELECT id FROM faults")}
        equal(seen, set(faults), "the faults of the run")
        for fault in faults:
            held = self.rows("SELECT holds, node, moment, what, expected, observed FROM evidence "
                             f"WHERE fault = '{fault}' AND grade = 'installed'")
            check(held and all(row[0] == "1" for row in held),
                  f"fault {fault} was installed, as all its evidence says", held)


# --- processes and namespaces --------------------------------------------------------------------
def stat_of(pid):
    """(parent, start time) of a process, or None."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), int(fields[19])


def words_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def netns_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


class Lab:
    """The processes below one `squall run`, seen from outside, and held by pidfd from then on."""

    def __init__(self, outer):
        parents = {pid: stat for pid in all_pids() if (stat := stat_of(pid))}
        self.pids, found = [], [outer]
        while found:
            self.pids += found
            found = [pid for pid, (parent, _) in parents.items() if parent in found]
        self.outer = outer
        self.parents = {pid: parents[pid][0] for pid in self.pids if pid in parents}
        self.handles = {}
        for pid in self.pids:
            try:
                self.handles[pid] = os.pidfd_open(pid)
            except ProcessLookupError:
                pass  # a short-lived one
        self.networks = {netns_of(pid) for pid in self.pids} - {netns_of("self"), None}
        self.cgroups = cgroups_of(outer)

    def below(self, pid):
        return [child for child in self.pids if self.parents.get(child) == pid]

    def init(self):
        return next(pid for pid in self.below(self.outer) if self.below(pid))

    def body(self, run_file):
        """The orchestrator: whoever inside has the run file open."""
        def has_open(pid):
            try:
                handles = os.scandir(f"/proc/{pid}/fd")
                return any(os.readlink(handle.path) == str(run_file) for handle in handles)
            except OSError:
                return False
        return next(pid for pid in self.below(self.init()) if has_open(pid))

    def agents(self):
        """Node number → the agent's pid, without its watchdog."""
        found = [pid for pid in self.below(self.init()) if words_of(pid)[1:2] == ["agent"]]
        return {int(re.search(r"(\d+)\.json", words_of(pid)[3]).group(1)): pid for pid in found}

    def programs(self, name):
        return [pid for pid in self.pids
                if words_of(pid)[:1] and words_of(pid)[0].rpartition("/")[2] == name]

    def signal(self, pid, number):
        signal.pidfd_send_signal(self.handles[pid], number)

    def is_alive(self, pid):
        return not select.select([self.handles[pid]], [], [], 0)[0]

    def check_gone(self):
        """Waits for the end of each process, then looks for what could have stayed."""
        waiting = dict(self.handles)
        until = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < until:
            ended = select.select(list(waiting.values()), [], [], until - time.monotonic())[0]
            waiting = {pid: handle for pid, handle in waiting.items() if handle not in ended}
        equal(sorted(waiting), [], "the list of processes that stayed",
              [words_of(pid) for pid in waiting])
        left = self.networks & {netns_of(pid) for pid in all_pids()}
        equal(left, set(), "the network namespaces that stayed")
        equal({path for path in self.cgroups if os.path.exists(path)}, set(), "cgroups that stayed")
        for handle in self.handles.values():
            os.close(handle)


def cgroups_of(outer):
    """The cgroups that a run made for its freezer; none where it may not make any."""
    roots = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()
             if line.split()[2].startswith("cgroup")]
    return {os.path.join(folder, name) for root in roots for folder, names, _ in os.walk(root)
            for name in names if name == f"squall-lab-{outer}"}


class Surroundings:
    """What a run must leave as it was: mounts, and files anywhere but in its run file."""

    def __init__(self, folder):
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        self.env = {"TMPDIR": str(self.temporary)}

    def check_same(self, *expected_files):
        equal(pathlib.Path("/proc/self/mountinfo").read_text(), self.mounts, "the list of mounts")
        equal(sorted(os.listdir(self.temporary)), [], "the list of temporary files")
        seen = {name for name in os.listdir(self.folder) if name != "temporary"}
        equal(seen, set(expected_files), "the files of the run")


# --- without privilege, without namespaces -------------------------------------------------------
def become_nobody():
    """For before_exec: an ordinary user without groups."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000


LIBC = ctypes.CDLL(None, use_errno=True)


def libc(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def enter_own_user_namespace(others=0):
    """For before_exec: all rights over what we make from now on, as the same user."""
    uid, gid = os.geteuid(), os.getegid()
    libc("unshare", CLONE_NEWUSER | others)
    for path, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                       ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{path}", "w", encoding="ascii") as file:
            file.write(text)


def forbid_user_namespaces():
    """For before_exec: as on a machine that allows none; the limit is that of our own namespace."""
    enter_own_user_namespace()
    with open("/proc/sys/user/max_user_namespaces", "w", encoding="ascii") as file:
        file.write("0")


class SmallDisk:
    """A memory file system of a few kilobytes that only those who `enter` see."""

    def __init__(self, folder, kilobytes):
        self.folder = folder

        def mount():
            enter_own_user_namespace(CLONE_NEWNS)
            libc("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
            libc("mount", b"squall-e2e", str(folder).encode(), b"tmpfs", 0,
                 f"size={kilobytes}k".encode())
        # Holds the namespaces until it is told to end.
        self.holder = subprocess.Popen(["cat"], stdin=subprocess.PIPE, preexec_fn=mount)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.stdin.close()
        self.holder.wait()

    def enter(self):
        handles = [os.open(f"/proc/{self.holder.pid}/ns/{kind}", os.O_RDONLY)
                   for kind in ("user", "mnt")]
        for handle in handles:
            libc("setns", handle, 0)
        os.chdir(SOURCE)


def need_root():
    if os.geteuid() != 0:
        raise Skip("only root can become another user")


# --- a script ------------------------------------------------------------------------------------
def run_test(test):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="squall-e2e-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        try:
            test(pathlib.Path(folder).resolve())
            ending = "ok"
        except Skip as why:
            ending = f"SKIPPED: {why}"
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc(file=sys.stdout)
            ending = "FAILED"
    print(f"{test.__name__}: {ending} ({time.monotonic() - began:.1f} s)", flush=True)
    return ending


def main(*tests):
    """Runs them all, or those named on the command line; exits 1 if one failed, 77 if all that did
    not fail were skipped."""
    chosen = [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
    endings = [run_test(test) for test in chosen]
    if "FAILED" in endings or not endings:
        sys.exit(1)
    sys.exit(0 if "ok" in endings else SKIP)
