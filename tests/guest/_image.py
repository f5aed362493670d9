"""An initial root file system: programs with the libraries that their ELF headers need, kernel
modules in the order in which they can be loaded, as one uncompressed cpio archive (newc)."""
import os
import stat
import struct

LIBRARY_FOLDERS = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib")
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB = 1, 5


class Elf:
    """As much of an ELF file (x86-64, little endian) as says what it needs."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no 64-bit ELF file")
        offset, self.sections_at = struct.unpack_from("<QQ", self.data, 32)
        size, count, self.section_size, self.sections, self.names = struct.unpack_from(
            "<5H", self.data, 54)
        self.segments = [struct.unpack_from("<IIQQQQ", self.data, offset + i * size)
                         for i in range(count)]

    def text_at(self, offset):
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def file_offset(self, address):
        for kind, _, offset, virtual, _, size in self.segments:
            if kind == PT_LOAD and virtual <= address < virtual + size:
                return offset + address - virtual
        raise ValueError(f"nothing is loaded at {address:#x}")

    def interpreter(self):
        return [self.text_at(s[2]) for s in self.segments if s[0] == PT_INTERP]

    def needed(self):
        entries = []
        for kind, _, offset, _, _, size in self.segments:
            if kind == PT_DYNAMIC:
                entries = [struct.unpack_from("<qQ", self.data, at)
                           for at in range(offset, offset + size, 16)]
        tables = [value for tag, value in entries if tag == DT_STRTAB]
        return [self.text_at(self.file_offset(tables[0]) + value)
                for tag, value in entries if tag == DT_NEEDED]

    def section(self, wanted):
        rows = [struct.unpack_from("<IIQQQQ", self.data, self.sections_at + i * self.section_size)
                for i in range(self.sections)]
        for name, _, _, _, offset, size in rows:
            if self.text_at(rows[self.names][4] + name) == wanted:
                return self.data[offset:offset + size]
        return b""


def find_library(name):
    for folder in LIBRARY_FOLDERS:
        path = os.path.join("/", folder, name)
        if os.path.exists(path):
            return path
    raise FileNotFoundError(f"no library {name} in {', '.join(LIBRARY_FOLDERS)}")


def libraries_of(programs):
    """Paths of everything that these programs need to start, each once."""
    found, todo = {}, list(programs)
    while todo:
        elf = Elf(todo.pop())
        for path in elf.interpreter() + [find_library(name) for name in elf.needed()]:
            if path not in found:
                found[path] = True
                todo.append(path)
    return list(found)


def module_files(folder):
    """By name: nft_ct → …/nft_ct.ko."""
    return {file[:-3].replace("-", "_"): os.path.join(path, file)
            for path, _, files in os.walk(folder) for file in files if file.endswith(".ko")}


def builtin_modules(folder):
    with open(os.path.join(folder, "modules.builtin"), encoding="utf-8") as file:
        return {os.path.basename(line.strip())[:-3].replace("-", "_") for line in file}


def load_order(folder, wanted):
    """Paths of the wanted modules and of all that they depend on, each after its dependencies."""
    files, builtin, order = module_files(folder), builtin_modules(folder), {}

    def visit(name):
        if name in order or name in builtin:
            return
        if name not in files:
            raise FileNotFoundError(f"the kernel in {folder} has no module {name}")
        info = dict(field.split("=", 1) for field in
                    Elf(files[name]).section(".modinfo").decode("latin-1").split("\0")
                    if "=" in field)
        for dependency in filter(None, info.get("depends", "").split(",")):
            visit(dependency.replace("-", "_"))
        order[name] = files[name]

    for name in wanted:
        visit(name)
    return list(order.values())


class Archive:
    """A cpio archive.  Nothing in it depends on when or where it was written."""

    def __init__(self):
        self.entries = {}

    def add(self, path, data, mode=0o644):
        path = path.strip("/")
        for end in [i for i, c in enumerate(path) if c == "/"]:
            self.entries.setdefault(path[:end], (b"", stat.S_IFDIR | 0o755))
        self.entries[path] = (data, mode if stat.S_IFMT(mode) else stat.S_IFREG | mode)

    def add_file(self, path, source):
        with open(source, "rb") as file:
            self.add(path, file.read(), stat.S_IMODE(os.stat(source).st_mode))

    def write(self, path):
        with open(path, "wb") as out:
            rows = sorted(self.entries.items()) + [("TRAILER!!!", (b"", 0))]
            for number, (name, (data, mode)) in enumerate(rows, 1):
                fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
                head = b"070701" + b"".join(b"%08X" % field for field in fields)
                head += name.encode() + b"\0"
                out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))
