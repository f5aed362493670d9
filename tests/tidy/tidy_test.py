#!/usr/bin/env python3
"""Each house rule against a sample that offends it and one that does not."""
import unittest

import tidy
from source import Source

CPP = "// What it is for.\n"
HEADER = CPP + "#pragma once\n"


def found(path, text):
    """The rules that the text offends, as 'rule@line'."""
    return [f"{f.rule}@{f.line}" for f in tidy.findings_in(Source(path, text))]


class IncludeDirection(unittest.TestCase):
    def test_a_folder_includes_what_stands_before_it_and_itself(self):
        text = CPP + '#include "kernel/tun.h"\n#include "base/fd.h"\n#include <vector>\n'
        self.assertEqual(found("src/kernel/tun.cc", text), [])

    def test_a_folder_does_not_include_what_stands_after_it(self):
        text = CPP + '#include "base/fd.h"\n#include "faults/fault.h"\n'
        self.assertEqual(found("src/checker/a.cc", text), ["include-direction@3"])

    def test_the_protocol_counts_as_a_folder(self):
        text = CPP + '#include "squall/v1/agent.grpc.pb.h"\n'
        self.assertEqual(found("src/agent/a.cc", text), [])
        self.assertEqual(found("reference/gateway.cc", text), [])

    def test_the_reference_stack_knows_no_faults(self):
        text = CPP + '#include "base/fd.h"\n#include "faults/fault.h"\n'
        self.assertEqual(found("reference/gateway.cc", text), ["include-direction@3"])

    def test_paths_start_below_src(self):
        text = CPP + '#include "src/base/fd.h"\n#include "../base/fd.h"\n'
        self.assertEqual(found("src/kernel/a.cc", text),
                         ["include-direction@2", "include-direction@3"])

    def test_a_folder_that_is_not_in_the_list(self):
        self.assertEqual(found("src/helpers/a.cc", CPP), ["include-direction@1"])

    def test_tests_include_whatever_they_test(self):
        self.assertEqual(found("tests/base/a_test.cc", CPP + '#include "cli/run.h"\n'), [])


class Headers(unittest.TestCase):
    def test_heavy_headers_stay_in_sources(self):
        for heavy in ("boost/beast.hpp", "grpcpp/grpcpp.h", "CLI/CLI.hpp", "sqlite3.h"):
            with self.subTest(heavy):
                text = f"#include <{heavy}>\n"
                self.assertEqual(found("src/cli/a.h", HEADER + text), ["heavy-header@3"])
                self.assertEqual(found("src/cli/a.cc", CPP + text), [])

    def test_a_wrapper_header_may_include_what_it_wraps(self):
        text = HEADER + "#include <netlink/netlink.h>\n#include <sqlite3.h>\n"
        self.assertEqual(found("src/kernel/netlink_socket.h", text), ["heavy-header@4"])

    def test_a_header_is_included_once(self):
        self.assertEqual(found("src/base/a.h", CPP), ["pragma-once@1"])

    def test_raw_time_parameters(self):
        text = HEADER + "void wait(int timeout_ms);\n"
        self.assertEqual(found("src/base/a.h", text), ["banned-word@3"])
        self.assertEqual(found("src/base/a.h", HEADER + "std::int64_t sent_ns = 0;\n"), [])


class Purity(unittest.TestCase):
    def test_machines_cores_and_checkers_do_no_input_or_output(self):
        text = CPP + "#include <thread>\n#include <vector>\n"
        for path in ("src/agent/lease_machine.cc", "src/agent/a_core.cc", "src/checker/a.cc"):
            with self.subTest(path):
                self.assertEqual(found(path, text), ["purity@2"])
        self.assertEqual(found("src/agent/watchdog.cc", text), [])


class Shape(unittest.TestCase):
    def test_files_have_a_limit_and_tests_a_larger_one(self):
        text = CPP + "\n" * 400
        self.assertEqual(found("src/base/a.cc", text), ["file-length@401"])
        self.assertEqual(found("tests/base/a_test.cc", text), [])
        self.assertEqual(found("tests/base/a_test.cc", CPP + "\n" * 600), ["file-length@601"])

    def test_a_file_at_the_limit_passes(self):
        self.assertEqual(found("src/base/a.cc", CPP + "\n" * 399), [])

    def test_lines_have_a_limit_in_characters(self):
        self.assertEqual(found("src/base/a.cc", CPP + "// " + "é" * 97 + "\n"), [])
        self.assertEqual(found("src/base/a.cc", CPP + "// " + "é" * 98 + "\n"), ["line-length@2"])

    def test_every_file_opens_with_a_comment(self):
        self.assertEqual(found("src/base/a.cc", "#include <vector>\n"), ["opening-comment@1"])
        self.assertEqual(found("tools/a.sh", "#!/bin/bash\nset -e\n"), ["opening-comment@1"])
        self.assertEqual(found("tools/a.sh", "#!/bin/bash\n# What for.\nset -e\n"), [])
        self.assertEqual(found("tools/a.py", '"""What for."""\n'), [])
        self.assertEqual(found("tools/a.py", "import os\n"), ["opening-comment@1"])

    def test_a_page_opens_with_its_title(self):
        self.assertEqual(found("docs/a.md", "\n# Title\n"), [])
        self.assertEqual(found("docs/a.md", "Some text\n"), ["markdown-title@1"])


class FunctionLength(unittest.TestCase):
    @staticmethod
    def body(lines):
        return "  work();\n" * lines

    def long_at(self, text):
        return found("src/base/a.cc", CPP + text)

    def test_the_limit_counts_the_whole_function(self):
        self.assertEqual(self.long_at("void f() {\n" + self.body(58) + "}\n"), [])
        self.assertEqual(self.long_at("void f() {\n" + self.body(59) + "}\n"),
                         ["function-length@2"])

    def test_the_head_may_have_several_lines(self):
        text = "namespace a {\n\nint f(int a,\n      int b) {\n" + self.body(58) + "}\n}\n"
        self.assertEqual(self.long_at(text), ["function-length@4"])

    def test_members_and_functions_after_members_are_seen(self):
        text = ("class A {\n  int a = 0;\n  void f() const {\n" + self.body(60) + "  }\n};\n" +
                "A operator==(A a) {\n" + self.body(60) + "}\n")
        self.assertEqual(self.long_at(text), ["function-length@4", "function-length@67"])

    def test_constructors_with_initialisers_are_seen(self):
        text = "A::A(int a) : a_(a), b_{a} {\n" + self.body(60) + "}\n"
        self.assertEqual(self.long_at(text), ["function-length@2"])

    def test_tables_and_classes_may_be_long(self):
        rows = '    {"a", f(1), 2},\n' * 80
        self.assertEqual(self.long_at("constexpr Row kRows[] = {\n" + rows + "};\n"), [])
        members = "  void f() { work(); }\n" * 80
        self.assertEqual(self.long_at("struct A {\n" + members + "};\n"), [])

    def test_short_functions_after_each_other_are_not_one(self):
        self.assertEqual(self.long_at("int f() {\n  return 1;\n}\n\n" * 40), [])

    def test_braces_in_text_and_macros_do_not_count(self):
        text = ("#define A(x) {\\\n  x\nconst char* k = \"{\";\n// {\nchar c = '{';\n" +
                "int n = 1'000;\nauto r = R\"({ \" )\";\n" + "void f() {\n  x();\n}\n" * 40)
        self.assertEqual(self.long_at(text), [])


class BannedWords(unittest.TestCase):
    OFFENDING = (
        "std::mt19937 twister;", "int a = std::rand();", "std::random_device device;",
        "auto t = std::chrono::steady_clock::now();", "clock_gettime(0, &t);",
        "std::this_thread::sleep_for(t);", "usleep(5);", "std::cout << 1;", "std::system(x);",
        "::system(x);", "FILE* f = popen(x, y);", "auto* a = new Thing(1);", "delete thing;",
        "catch (...) {", "worker.detach();", "assert(x);", 'run("/sbin/ip");',
        'execlp("sh", x);', 'const auto argv = {"nft", "list"};', "// an attack on the node",
    )
    HARMLESS = (
        "Thing(const Thing&) = delete;", "clock.now();", "static_assert(x);", "system_clock();",
        "// sleep_for would be wrong here", 'say("new things");', 'values["ip"] = address;',
        "int renewed = 1;", "machine.system(x);", "(void)child.detach();",
        "return std::unique_ptr<Thing>(new Thing(1));", "void* operator new (std::size_t n);",
    )

    def test_each_offending_line_is_found(self):
        for line in self.OFFENDING:
            with self.subTest(line):
                self.assertEqual(found("src/kernel/a.cc", CPP + line + "\n"), ["banned-word@2"])

    def test_what_only_looks_alike_passes(self):
        for line in self.HARMLESS:
            with self.subTest(line):
                self.assertEqual(found("src/kernel/a.cc", CPP + line + "\n"), [])

    def test_the_wrapper_itself_may(self):
        self.assertEqual(found("src/base/time.cc", CPP + "clock_gettime(id, &now);\n"), [])
        self.assertEqual(found("src/report/a.cc", CPP + "std::cout << 1;\n"), [])
        self.assertEqual(found("src/cli/main.cc", CPP + "catch (...) {\n"), [])

    def test_scripts_kill_only_what_they_started(self):
        text = '"""A test."""\nrun("pkill -9 etcd", shell=True)\n'
        self.assertEqual(found("tests/e2e/a.py", text), ["banned-word@2"])


class OpenPoints(unittest.TestCase):
    def test_nothing_is_left_for_later(self):
        for word in ("TODO", "FIXME", "XXX"):
            with self.subTest(word):
                self.assertEqual(found("src/base/a.cc", CPP + f"// {word}: later\n"),
                                 ["open-point@2"])

    def test_a_page_may_name_the_word_and_a_template_may_hold_it(self):
        self.assertEqual(found("docs/a.md", "# Title\nNo `TODO` here.\n"), [])
        self.assertEqual(found("src/base/a.cc", CPP + 'auto a = "/tmp/XXXXXX";\n'), [])


class Ratchet(unittest.TestCase):
    FINDINGS = tidy.findings_in(Source("src/base/a.cc", CPP + "usleep(1);\nusleep(2);\n"))

    def test_comments_and_reasons_are_skipped(self):
        self.assertEqual(tidy.parse_ratchet("# why\n\nbanned-word a.cc 2 until it is split\n"),
                         {("banned-word", "a.cc"): 2})

    def test_a_tolerated_number_passes(self):
        self.assertEqual(tidy.judge(self.FINDINGS, {("banned-word", "src/base/a.cc"): 2}), [])

    def test_one_more_shows_all(self):
        complaints = tidy.judge(self.FINDINGS, {("banned-word", "src/base/a.cc"): 1})
        self.assertEqual([line.split(": ")[0] for line in complaints],
                         ["src/base/a.cc:2", "src/base/a.cc:3"])

    def test_one_less_asks_for_a_lower_number(self):
        self.assertEqual(tidy.judge(self.FINDINGS, {("banned-word", "src/base/a.cc"): 3}),
                         ["src/base/a.cc: banned-word: now 2; lower the ratchet from 3"])


if __name__ == "__main__":
    unittest.main()
