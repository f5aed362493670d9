"""The house rules that a machine can check.  A rule takes a Source and yields Findings."""
import re
from typing import NamedTuple

import words
from source import without_directives

# DESIGN.md, "Folders": a folder includes only folders that stand before it.
FOLDERS = ("proto", "base", "history", "checker", "faults", "injectors", "kernel", "agent",
           "scenarios", "workload", "arena", "orchestrator", "report", "search", "cli")
REFERENCE_MAY_INCLUDE = ("proto", "base", "reference")

# Slow to compile, or other people's types: one wrapper each, in a .cc file.
HEAVY = ("boost/asio", "boost/beast", "boost/process", "grpc", "google/protobuf", "squall/v1/",
         "CLI/", "yaml-cpp/", "netlink/", "nftables/", "sqlite3.h", "opencv2/", "simdjson",
         "hiredis/", "nlohmann/json.hpp", "fuse")
# Headers that only the files of one wrapper include.
WRAPPER_HEADERS = {
    "src/arena/agent_messages.h": ("grpcpp/support/", "squall/v1/"),
    "src/kernel/netlink_socket.h": ("netlink/",),
}

# What a pure file has no use for.
IMPURE = ("thread", "fstream", "iostream", "unistd.h", "fcntl.h", "poll.h", "sys/socket.h",
          "sys/epoll.h", "sys/mman.h", "base/files.h")

MAX_LINE = 100
MAX_FILE = 400
MAX_TEST_FILE = 600
MAX_FUNCTION = 60

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    what: str
    size: int = 1  # what the ratchet adds up


def includes(source):
    """(line, bracket, path) of each include."""
    for number, line in enumerate(source.lines, 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def folder_of_include(path):
    first = path.split("/")[0]
    return "proto" if path.startswith("squall/v1/") else first


def allowed_folders(folder):
    if folder == "reference":
        return REFERENCE_MAY_INCLUDE
    if folder in FOLDERS:
        return FOLDERS[:FOLDERS.index(folder) + 1]
    return ()


def include_direction(source):
    if not source.is_cpp or not source.folder:
        return
    allowed = allowed_folders(source.folder)
    if not allowed:
        yield Finding(source.path, 1, "include-direction",
                      f"folder '{source.folder}' is not in the list of folders")
    for line, bracket, path in includes(source):
        folder = folder_of_include(path)
        if bracket == "<" and folder != "proto":
            continue
        if folder in ("src", "tests") or ".." in path:
            yield Finding(source.path, line, "include-direction",
                          f"\"{path}\": name it relative to src/")
        elif folder in (*FOLDERS, "reference") and folder not in allowed:
            yield Finding(source.path, line, "include-direction",
                          f"{source.folder} stands before {folder} and may not include \"{path}\"")


def heavy_headers(source):
    if source.extension != ".h":
        return
    own = WRAPPER_HEADERS.get(source.path, ())
    for line, _, path in includes(source):
        if path.startswith(HEAVY) and not (own and path.startswith(own)):
            yield Finding(source.path, line, "heavy-header",
                          f"<{path}> in a header: put it behind a type of ours, in a .cc file")


def purity(source):
    stem = re.sub(r"\.(cc|h)$", "", source.path)
    is_pure = stem.endswith(("_core", "_machine")) or source.path.startswith("src/checker/")
    if not source.is_cpp or not source.path.startswith("src/") or not is_pure:
        return
    for line, _, path in includes(source):
        if path in IMPURE:
            yield Finding(source.path, line, "purity",
                          f"<{path}>: a pure file does no I/O and starts no thread")


def shape(source):
    is_test = source.path.startswith(("tests/", "bench/"))
    limit = MAX_TEST_FILE if is_test else MAX_FILE
    count = len(source.lines)
    if (source.is_cpp or source.is_script) and count > limit:
        yield Finding(source.path, limit + 1, "file-length",
                      f"{count} lines; the limit is {limit}: one idea per file", count)
    if not (source.is_cpp or source.is_script):
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > MAX_LINE:
            yield Finding(source.path, number, "line-length",
                          f"{len(line)} columns; the limit is {MAX_LINE}")


def is_function(head):
    """Whether the text before a brace, at namespace or class level, starts a function's body."""
    flat = head
    while "(" in flat:
        shorter = re.sub(r"\([^()]*\)", " PARAMETERS ", flat)
        if shorter == flat:
            return False
        flat = shorter
    return "PARAMETERS" in flat and ("=" not in flat or "operator" in flat)


def is_scope(head):
    return re.search(r"\b(namespace|class|struct|union|extern)\b", head) is not None


def open_brace(head, line, outside):
    """What a brace opens: "scope", "value" (as in `a_{1}`), "inside", or a function's line."""
    if re.search(r"[\w>]$", head) and not head.endswith(("const", "else", "do", "try")):
        return "value"  # clang-format leaves no blank only before the brace of a value
    if outside and is_function(head):
        return line - head.lstrip().count("\n")
    return "scope" if outside and is_scope(head) else "inside"


def functions(source):
    """(first line, last line) of every function."""
    code = without_directives(source.code)
    open_braces = []
    start, line = 0, 1
    for index, letter in enumerate(code):
        line += letter == "\n"
        if letter not in "{};":
            continue
        outside = all(brace == "scope" for brace in open_braces)
        closed = None
        if letter == "{":
            open_braces.append(open_brace(code[start:index], line, outside))
        elif letter == "}" and open_braces:
            closed = open_braces.pop()
            if isinstance(closed, int):
                yield closed, line
        is_value = closed == "value" or (letter == "{" and open_braces[-1] == "value")
        if not is_value and (letter != ";" or outside):
            start = index + 1


def function_length(source):
    if not source.is_cpp:
        return
    for first, last in functions(source):
        length = last - first + 1
        if length > MAX_FUNCTION:
            yield Finding(source.path, first, "function-length",
                          f"{length} lines; the limit is {MAX_FUNCTION}", length)


def banned_words(source):
    for row in words.ROWS:
        if not row.applies_to(source.path):
            continue
        lines = source.code_lines if source.is_cpp and not row.in_text else source.lines
        for number, line in enumerate(lines, 1):
            match = row.pattern.search(line)
            if match:
                yield Finding(source.path, number, "banned-word",
                              f"'{match.group(0).strip()}': {row.instead}")


def opening_comment(source):
    first = next((line for line in source.lines if not line.startswith("#!")), "")
    name = source.path.split("/")[-1]
    if source.is_cpp or source.extension == ".proto":
        good = first.startswith("// ")
    elif source.extension == ".py":
        good = first.startswith(('"""', "# "))
    elif source.is_script or source.extension == ".cmake" or name == "CMakeLists.txt":
        good = first.startswith("# ")
    else:
        return
    if not good:
        yield Finding(source.path, 1, "opening-comment", "the first line says what the file is for")


def pragma_once(source):
    if source.extension == ".h" and "#pragma once" not in source.lines:
        yield Finding(source.path, 1, "pragma-once", "a header has '#pragma once'")


def markdown_title(source):
    if source.extension != ".md":
        return
    first = next((line for line in source.lines if line.strip()), "")
    if not first.startswith("# "):
        yield Finding(source.path, 1, "markdown-title", "a page opens with '# Title'")


def open_points(source):
    for number, line in enumerate(source.lines, 1):
        text = re.sub(r"`[^`]*`", "", line) if source.extension == ".md" else line
        match = re.search(r"\b(TODO|FIXME|XXX)\b", text)
        if match:
            yield Finding(source.path, number, "open-point",
                          f"'{match.group(0)}': do it now, or write a decision record")


RULES = (include_direction, heavy_headers, purity, shape, function_length, banned_words,
         opening_comment, pragma_once, markdown_title, open_points)
