"""Passes on the NUL-separated paths of stdin that the given compile_commands.json compiles."""
import json
import os
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as commands:
        known = {os.path.realpath(row["file"]) for row in json.load(commands)}
    for path in sys.stdin.read().split("\0"):
        if path and os.path.realpath(path) in known:
            sys.stdout.write(path + "\0")


if __name__ == "__main__":
    main()
