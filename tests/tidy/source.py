"""Source files as the rules see them: paths, lines, and C++ without comments and strings."""
import os
import re
import subprocess

TOKENS = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^(\s"]*)\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # 1'000 is a number, not the start of a character
    re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.MULTILINE | re.DOTALL)


class Source:
    """One file: `path` is relative to the root and uses slashes."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
        self._code = None

    @property
    def extension(self):
        return os.path.splitext(self.path)[1]

    @property
    def is_cpp(self):
        return self.extension in (".cc", ".h")

    @property
    def is_script(self):
        return self.extension in (".py", ".sh", ".bash") or self.text.startswith("#!")

    @property
    def folder(self):
        """'kernel' for src/kernel/netlink.cc; 'reference' for reference/...; else ''."""
        parts = self.path.split("/")
        if parts[0] == "src" and len(parts) > 2:
            return parts[1]
        return parts[0] if parts[0] in ("reference", "proto") else ""

    @property
    def code(self):
        """The C++ with comments gone and strings emptied, line for line."""
        if self._code is None:
            self._code = TOKENS.sub(_blank, self.text)
        return self._code

    @property
    def code_lines(self):
        return self.code.split("\n")


def _blank(token):
    text = token.group(0)
    newlines = "\n" * text.count("\n")
    return newlines if text.startswith(("//", "/*")) else '""' + newlines


def without_directives(code):
    """Preprocessor lines emptied, continuation lines included."""
    return DIRECTIVE.sub(lambda match: "\n" * match.group(0).count("\n"), code)


def tracked_paths(root):
    """What git tracks or would add; without git, everything outside build folders."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
            check=True, capture_output=True).stdout.decode()
        return sorted({path for path in listing.split("\0") if path})
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walk(root))


def _walk(root):
    for folder, names, files in os.walk(root):
        names[:] = [n for n in names if not n.startswith(("build", ".git", "__pycache__"))]
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def read_tree(root):
    """Every text file of the tree; what is not UTF-8 is not ours to judge."""
    for path in tracked_paths(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                yield Source(path, file.read())
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
