#!/usr/bin/env python3
"""Kernel tests on Debian's kernel in a virtual machine: for what the host's kernel lacks.

  guest.py boot BUILD         builds the image, runs every step of plan.txt in one boot, keeps what
                              was said in BUILD/guest/; fails unless the machine ends by itself
  guest.py result BUILD NAME  what became of one step, test by test
  guest.py steps              their names
"""
import os
import pathlib
import re
import subprocess
import sys
import time

import _image

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77  # as ctest is told
REAL_SECONDS = int(os.environ.get("SQUALL_GUEST_SECONDS", "900"))
SHOWN_LINES = 40

MODULES = """veth bridge tun ifb sch_netem sch_prio sch_ingress cls_fw act_mirred act_skbedit
nf_tables nft_numgen nft_ct nft_limit nft_reject_inet nft_objref""".split()


def steps():
    """(name, seconds, program, filter) of each line of the plan."""
    for line in (HERE / "plan.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, seconds, program, chosen = line.split()
            yield name, seconds, program, chosen


def kernel_root(build):
    root = pathlib.Path(os.environ.get("SQUALL_KERNEL", build / "kernel" / "root"))
    if not list(root.glob("boot/vmlinuz-*")):
        print(f"skipped: no kernel in {root}; ./dev kernel downloads and unpacks one")
        sys.exit(SKIPPED)
    return root


def find_qemu():
    for folder in os.environ.get("PATH", "").split(":"):
        path = os.path.join(folder, "qemu-system-x86_64")
        if os.access(path, os.X_OK):
            return path
    print("skipped: no qemu-system-x86_64; install qemu-system-x86 (./dev test does)")
    return sys.exit(SKIPPED)


def without_symbols(binary, folder):
    """What debuggers want would take most of the image, and of the time to load it."""
    copy = folder / binary.name
    done = subprocess.run(["strip", "-o", copy, binary], check=False)
    return copy if done.returncode == 0 else binary


def make_image(build, root, path):
    archive, lines = _image.Archive(), []
    programs = sorted({program for _, _, program, _ in steps()})
    binaries = [build / "bin" / program for program in programs]
    for library in _image.libraries_of(binaries):
        archive.add_file(library, library)
    for binary in binaries:
        archive.add_file(f"bin/{binary.name}", without_symbols(binary, path.parent))
    archive.add_file("init", build / "bin" / "guest_init")
    modules = _image.load_order(next(root.glob("lib/modules/*")), MODULES)
    names = [f"/lib/modules/{os.path.basename(module)}" for module in modules]
    for name, module in zip(names, modules):
        archive.add_file(name, module)
    archive.add("modules", "".join(f"{name}\n" for name in names).encode())
    for name, seconds, program, chosen in steps():
        lines.append(f"{name} {seconds} /bin/{program} --gtest_color=no --gtest_filter={chosen}\n")
    archive.add("plan", "".join(lines).encode())
    # The console, should the kernel open it before /dev is mounted, and what tests expect of /etc.
    archive.add("dev/.keep", b"")
    archive.add("etc/passwd", b"root:x:0:0:root:/:/bin/false\n")
    archive.write(path)


def run_machine(qemu, root, folder):
    """Whether it turned itself off."""
    command = [
        qemu, "-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off", "-rtc",
        "base=2026-01-01,clock=vm", "-cpu", "qemu64", "-m", "1024", "-nodefaults", "-nographic",
        "-no-reboot", "-kernel", str(next(root.glob("boot/vmlinuz-*"))), "-initrd",
        str(folder / "image.cpio"), "-append", "console=ttyS0 panic=-1 quiet",
        "-serial", f"file:{folder / 'console.txt'}", "-serial", f"file:{folder / 'report.txt'}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as machine:
        try:
            return machine.wait(REAL_SECONDS) == 0
        except subprocess.TimeoutExpired:
            machine.kill()
            print(f"the guest was still running after {REAL_SECONDS} s and was killed")
            return False


def tail(path):
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-SHOWN_LINES:])


def boot(build):
    folder = build / "guest"
    folder.mkdir(exist_ok=True)
    for old in ("console.txt", "report.txt"):
        (folder / old).unlink(missing_ok=True)
    root, qemu = kernel_root(build), find_qemu()
    began = time.monotonic()
    make_image(build, root, folder / "image.cpio")
    made = time.monotonic()
    ended = run_machine(qemu, root, folder)
    report = (folder / "report.txt").read_text(encoding="utf-8", errors="replace")
    print(f"image {made - began:.1f} s, guest {time.monotonic() - made:.1f} s")
    for name, took in re.findall(r"^@end (\S+) (.*)$", report, re.M):
        print(f"  {name}: {took}")
    if ended and re.search(r"^@over\r?$", report, re.M):
        return 0
    print("the guest did not come to its end")
    print("The end of its report:\n" + tail(folder / "report.txt"))
    print("The end of its console:\n" + tail(folder / "console.txt"))
    return 1


def result(build, wanted):
    path = build / "guest" / "report.txt"
    if not path.exists():
        print("skipped: no guest has run")
        return SKIPPED
    report = path.read_text(encoding="utf-8", errors="replace").replace("\r", "")
    found = re.search(rf"^@begin {re.escape(wanted)}$(.*?)^@end {re.escape(wanted)} (.*?)$", report,
                      re.M | re.S)
    if not found:
        print(f"step {wanted} has not run to its end: see {path}")
        return 1
    output, end = found.groups()
    tests = re.findall(r"^\[ +(OK|FAILED|SKIPPED) +\] (\S+) \((\d+) ms\)$", output, re.M)
    bad = [test for test in tests if test[0] != "OK"]
    if bad or not tests or end != "exited 0":
        print(output)
    for line in re.findall(r"^measured: .*$", output, re.M):
        print(line)
    for verdict, name, took in tests:
        print(f"{verdict:8}{name} ({took} ms of the guest's time)")
    # Skipping is for hosts; the guest is there to run what is in the plan.
    print(f"{len(tests)} tests, {len(bad)} of them not passed; the program {end}")
    return 0 if tests and not bad and end == "exited 0" else 1


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "boot" and len(sys.argv) == 3:
        return boot(pathlib.Path(sys.argv[2]).resolve())
    if command == "result" and len(sys.argv) == 4:
        return result(pathlib.Path(sys.argv[2]).resolve(), sys.argv[3])
    if command == "steps":
        print("\n".join(name for name, *_ in steps()))
        return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
