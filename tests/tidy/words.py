"""Words that our code does not use, each with its replacement and the wrapper that may."""
import re
from typing import NamedTuple


class Row(NamedTuple):
    pattern: re.Pattern
    instead: str
    where: tuple          # path prefixes that the row is about
    exempt: tuple = ()    # path prefixes that may: the wrapper itself
    suffix: tuple = (".cc", ".h")
    in_text: bool = False  # look at comments and strings too

    def applies_to(self, path):
        return (path.startswith(self.where) and path.endswith(self.suffix) and
                not path.startswith(self.exempt))


OURS = ("src/", "reference/", "tests/", "bench/")
PROGRAMS = ("src/", "reference/")
TOOLS = r'(?:ip|tc|nft|iptables|ip6tables|nsenter|sh|bash)'


def _row(pattern, instead, where=OURS, **more):
    return Row(re.compile(pattern), instead, where, **more)


ROWS = (
    _row(r"\bstd::rand\b|\bsrand\(|\brandom_device\b|\bmt19937",
         "draw from an Rng& that is passed in", exempt=("src/base/rng.cc",)),
    _row(r"\b(?:system|steady|high_resolution)_clock::now\b"
         r"|\bclock_gettime\s*\(|\bgettimeofday\s*\(",
         "ask a Clock& that is passed in",
         exempt=("src/base/time.cc", "src/kernel/processor_time.cc",
                 "src/arena/sealed/qemu_turns/", "tests/kernel/", "bench/")),
    _row(r"\bsleep_for\b|\bsleep_until\b|\bu?sleep\s*\(|\bnanosleep\s*\(",
         "wait for the event itself, with a limit that has a name"),
    _row(r"\bstd::cout\b|\bstd::printf\b|\bstd::puts\b", "libraries return, programs print",
         where=("src/",), exempt=("src/cli/", "src/report/")),
    _row(r"(?<![\w.>])(?:std::|::)?system\s*\(|\bpopen\s*\(", "start a process from its arguments"),
    # `unique_ptr<T>(new T(…))` is how a private constructor and an aggregate get their owner.
    _row(r"(?<!operator )(?<!\()\bnew\s+[A-Za-z_:]|(?<!operator )\bdelete(?:\[\])?\s+[\w(*]",
         "std::make_unique, or straight into its owner", where=PROGRAMS),
    _row(r"\bcatch\s*\(\s*\.\.\.\s*\)", "catch what is known, where it is known", where=PROGRAMS,
         exempt=("src/cli/main.cc",)),
    _row(r"(?:thread|worker)\w*\.detach\(\)", "a thread has an owner that joins it"),
    _row(r"(?<![\w_])assert\s*\(", "CHECK: it stays on in release", where=PROGRAMS),
    _row(r"\b(?:int|long|double|unsigned|size_t|u?int(?:32|64)_t)"
         r"\s+\w+_(?:ns|us|ms|sec|seconds)\s*[,)]",
         "take a Duration, a MonoTime or a WallTime", where=PROGRAMS, suffix=(".h",)),
    _row(r'"/(?:usr/)?s?bin/' + TOOLS + r'"', "system calls and libraries, no tools",
         where=PROGRAMS, in_text=True),
    _row(r'\b(?:exec\w*|\w*spawn\w*|start_process|command|argv)\b.*"' + TOOLS + r'"',
         "system calls and libraries, no tools", where=PROGRAMS,
         exempt=("src/cli/shell.cc",),  # the user asks for a shell in a node
         in_text=True),
    _row(r"(?i)\b(?:attack|toxic|nemesis|disruption)s?\b",
         "the glossary says fault, injector, effect", where=("src/",),
         exempt=("src/history/",),  # Jepsen's files call the fault's process so
         in_text=True),
    _row(r"\bpkill\b|\bkillall\b|\bos\.system\b|shell=True",
         "kill by pid what you started; start processes from their arguments",
         where=("tests/", "examples/", "tools/"), exempt=("tests/tidy/",), suffix=(".py", ".sh"),
         in_text=True),
)
