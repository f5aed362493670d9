"""The commands of the built program: what they print, and how they exit."""
import glob
import os
import subprocess
import tempfile
import unittest

SQUALL = os.environ["SQUALL"]
SOURCE = os.environ["SQUALL_SOURCE_DIR"]
HISTORIES = os.environ.get("SQUALL_HISTORIES")
BAD = os.path.join(SOURCE, "tests/scenarios/bad")


def squall(*arguments, cwd=None):
    """Exit code, standard output, standard error."""
    done = subprocess.run([SQUALL, *arguments], cwd=cwd, capture_output=True, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def page(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def scenarios():
    return sorted(glob.glob(os.path.join(SOURCE, "scenarios/*.yaml")))


class Folder(unittest.TestCase):
    """A test that may write files."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path


class Usage(unittest.TestCase):
    def test_version_is_one_line(self):
        code, out, err = squall("--version")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"\Asquall \d+\.\d+\.\d+\S*\n\Z")

    def test_help_of_each_command_has_an_example(self):
        code, out, _ = squall("--help")
        self.assertEqual(code, 0)
        for command in ("run check export generate report validate schema query init shell faults "
                        "checkers clients doctor recover agent completion").split():
            self.assertIn(f"\n  {command} ", out)
            code, text, _ = squall(command, "--help")
            self.assertEqual(code, 0, command)
            self.assertIn(f"\n  squall {command}", text.replace("source <(squall", "squall"))

    def test_a_wrong_command_line_is_a_usage_error(self):
        for line in ([], ["swoop"], ["run"], ["run", "x.yaml", "--seed", "many"],
                     ["run", "x.yaml", "--repeat", "0"], ["completion", "tcsh"]):
            code, out, err = squall(*line)
            self.assertEqual((code, out), (2, ""), line)
            self.assertNotEqual(err, "", line)


class Validate(unittest.TestCase):
    def test_the_library_is_valid(self):
        code, out, err = squall("validate", *scenarios())
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.count(": valid: "), len(scenarios()))

    def test_all_problems_of_a_file_are_named_with_their_place(self):
        path = os.path.join(BAD, "selectors.yaml")
        code, out, err = squall("validate", path)
        self.assertEqual((code, out), (2, ""))
        places = [line for line in err.splitlines() if line.startswith(path + ":")]
        self.assertGreater(len(places), 1, err)
        for place in places:
            self.assertRegex(place[len(path):], r"^:\d+:\d+: .")

    def test_no_bad_file_passes(self):
        for path in sorted(glob.glob(os.path.join(BAD, "*.yaml"))):
            self.assertEqual(squall("validate", path)[0], 2, path)

    def test_a_good_file_does_not_hide_a_bad_one(self):
        bad = os.path.join(BAD, "empty.yaml")
        code, out, _ = squall("validate", scenarios()[0], bad, scenarios()[1])
        self.assertEqual(code, 2)
        self.assertEqual(out.count(": valid: "), 2)

    def test_a_missing_file_is_a_usage_error(self):
        self.assertEqual(squall("validate", "nowhere.yaml")[0], 2)


class Lists(unittest.TestCase):
    def test_faults_checkers_and_clients_are_listed(self):
        for command, names in (("faults", ("network.partition", "process.kill", "process.pause")),
                               ("checkers", ("linearizable", "set-full", "mutual-exclusion")),
                               ("clients", ("etcd", "etcd-lock", "redis", "external"))):
            code, out, err = squall(command)
            self.assertEqual((code, err), (0, ""), command)
            for name in names:
                self.assertRegex(out, rf"(?m)^{name}\b", command)

    def test_generated_pages_are_fresh(self):
        for command, path in (("faults", "docs/faults.md"), ("checkers", "docs/checkers.md")):
            code, out, _ = squall(command, "--markdown")
            self.assertEqual(code, 0)
            self.assertEqual(out, page(path), f"squall {command} --markdown >{path}")


class Check(Folder):
    @unittest.skipUnless(HISTORIES, "SQUALL_HISTORIES is not set")
    def test_known_histories_decide_the_exit_code(self):
        request = "linearizable:model=cas-register"
        good = os.path.join(HISTORIES, "porcupine-etcd/etcd_002.jsonl")
        bad = os.path.join(HISTORIES, "porcupine-etcd/etcd_000.jsonl")
        self.assertEqual(squall("check", good, "--checker", request)[0], 0)
        self.assertEqual(squall("check", bad, "--checker", request)[0], 1)
        self.assertEqual(squall("check", good, bad, "--checker", request)[0], 1)

    def test_a_history_without_operations_is_unknown(self):
        path = self.write("none.jsonl", b"")
        self.assertEqual(squall("check", path)[0], 4)

    def test_garbage_is_a_usage_error(self):
        for content in (b"\x00\xff garbage", b"{\"i\":0", b"SQLite format 3\x00 and no more"):
            path = self.write("garbage", content)
            code, out, err = squall("check", path)
            self.assertEqual((code, out), (2, ""), content)
            self.assertIn(path, err)

    def test_an_unknown_checker_is_a_usage_error(self):
        code, _, err = squall("check", self.write("h.jsonl", b""), "--checker", "linearisable")
        self.assertEqual(code, 2)
        self.assertIn("linearizable", err)

    REGISTER = (b"{:process 0 :type :invoke :f :write :value 1 :time 1}\n"
                b"{:process 0 :type :ok :f :write :value 1 :time 2}\n"
                b"{:process 1 :type :invoke :f :read :value nil :time 3}\n"
                b"{:process 1 :type :ok :f :read :value 2 :time 4}\n")

    def test_reads_the_standard_input_and_writes_a_page(self):
        page_path = os.path.join(self.folder, "page.html")
        done = subprocess.run([SQUALL, "check", "-", "--html", page_path], input=self.REGISTER,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        with open(page_path, encoding="utf-8") as file:
            html = file.read()
        self.assertLess(len(html), 2_000_000)
        self.assertIn("<svg", html)
        self.assertIn("process 1 read 2", html)
        self.assertNotIn("<script", html)

    def test_a_format_by_force_and_its_place_of_error(self):
        path = self.write("h", self.REGISTER)
        code, out, err = squall("check", path, "--format", "jsonl")
        self.assertEqual((code, out), (2, ""))
        self.assertIn(f"{path}:1:2: not valid JSON", err)

    def test_says_which_completion_differs(self):
        path = self.write("h.edn", self.REGISTER.replace(b":ok :f :write :value 1",
                                                         b":ok :f :write :value 5"))
        _, _, err = squall("check", path)
        self.assertEqual(err, f"squall: {path}:2: the completion says 5, the invocation said 1: "
                              "taken is the invocation's, for it is an argument\n")

    def test_answers_do_not_depend_on_the_number_of_threads(self):
        path = os.path.join(self.folder, "h.jsonl")
        self.assertEqual(squall("generate", "register", "--operations", "2000", "--keys", "20",
                                "--clients", "2", "--faulty", "stale-read=50%",
                                "--out", path)[0], 0)
        one = squall("check", path, "--json", "--threads", "1")
        self.assertEqual(one[0], 1)
        self.assertEqual(one, squall("check", path, "--json", "--threads", "4"))

    def test_a_bad_limit_is_a_usage_error(self):
        path = self.write("h.jsonl", b"")
        self.assertEqual(squall("check", path, "--time-limit", "soon")[0], 2)
        self.assertEqual(squall("check", path, "--memory-limit", "lots")[0], 2)
        self.assertEqual(squall("check", path, "--format", "xml")[0], 2)


class Export(Folder):
    def test_there_and_back_is_the_same(self):
        lines = squall("generate", "kv", "--operations", "50")[1]
        path = self.write("h.jsonl", lines.encode())
        edn = squall("export", path, "--format", "edn")[1]
        self.assertRegex(edn, r"\A\{:index 0, :time \d+, :process \d+, :type :invoke, :f :\w+")
        back = squall("export", self.write("h.edn", edn.encode()))
        self.assertEqual(back, (0, lines, ""))


class Generate(Folder):
    def test_the_same_seed_is_the_same_history(self):
        first = squall("generate", "list-append", "--operations", "100")
        self.assertEqual(first[0], 0)
        self.assertEqual(first, squall("generate", "list-append", "--operations", "100"))
        self.assertNotEqual(first, squall("generate", "list-append", "--operations", "100",
                                          "--seed", "2"))

    def test_what_it_cannot_do_is_a_usage_error(self):
        code, out, err = squall("generate", "register", "--faulty", "stale-red=1%")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("did you mean 'stale-read'?", err)


class Query(Folder):
    def test_garbage_is_a_usage_error(self):
        path = self.write("garbage.squall", b"not a run file")
        code, out, err = squall("query", path, "SELECT 1")
        self.assertEqual((code, out), (2, ""))
        self.assertIn(path, err)


class DryRun(Folder):
    def test_every_scenario_leaves_nothing_behind(self):
        for path in scenarios():
            code, out, err = squall("run", path, "--dry-run", cwd=self.folder)
            self.assertEqual((code, err), (0, ""), path)
            self.assertIn("\ntimeline\n", out)
            self.assertEqual(os.listdir(self.folder), [], path)

    def test_the_same_seed_is_the_same_plan(self):
        for path in scenarios():
            first = squall("run", path, "--dry-run", "--seed", "3")
            self.assertEqual(first, squall("run", path, "--dry-run", "--seed", "3"))


class Init(Folder):
    def test_what_it_writes_is_valid(self):
        target = os.path.join(self.folder, "chaos")
        self.assertEqual(squall("init", target)[0], 0)
        code, _, err = squall("validate", os.path.join(target, "my-first-scenario.yaml"))
        self.assertEqual((code, err), (0, ""))

    def test_it_overwrites_nothing(self):
        path = self.write("my-system.yaml", b"mine")
        code, _, err = squall("init", self.folder)
        self.assertEqual(code, 2)
        self.assertIn("my-system.yaml: exists already", err)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"mine")


class Completion(unittest.TestCase):
    def test_committed_scripts_are_fresh(self):
        for shell, path in (("bash", "completions/squall.bash"), ("zsh", "completions/_squall"),
                            ("fish", "completions/squall.fish")):
            code, out, _ = squall("completion", shell)
            self.assertEqual(code, 0)
            self.assertEqual(out, page(path), f"squall completion {shell} >{path}")

    def test_fish_offers_commands_and_flags_with_what_they_are_for(self):
        fish = page("completions/squall.fish")
        self.assertIn("-n __fish_use_subcommand -a validate -d 'Check scenario files; ", fish)
        self.assertRegex(fish, r"seen_subcommand_from run' -l seed -r -d '.+'\n")
        self.assertRegex(fish, r"seen_subcommand_from run' -l dry-run -d '.+'\n")
        self.assertNotIn("-a client ", fish)

    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = os.path.join(SOURCE, "completions/squall.bash")
        ask = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _squall; '
               'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-euc", ask, "bash", script, *words], capture_output=True,
                              text=True, timeout=60, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_offers_commands_and_flags(self):
        self.assertEqual(self.complete("squall", "val"), ["validate"])
        self.assertEqual(self.complete("squall", "run", "--dry"), ["--dry-run"])
        self.assertNotIn("client", self.complete("squall", "cl"))


if __name__ == "__main__":
    unittest.main()
