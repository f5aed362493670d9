#!/usr/bin/env python3
"""Checks the tree against the house rules: tests/tidy/tidy.py [ROOT].  Standard library only."""
import os
import sys
from collections import defaultdict

import rules
from source import read_tree

HERE = os.path.dirname(os.path.abspath(__file__))
# The rules and their tests spell out what they forbid.
EXEMPT = ("tests/tidy/",)


def findings_in(source):
    return [finding for rule in rules.RULES for finding in rule(source)]


def parse_ratchet(text):
    """{(rule, path): size}"""
    tolerated = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            rule, path, size = line.split()[:3]
            tolerated[rule, path] = int(size)
    return tolerated


def judge(findings, tolerated):
    """The complaints that remain: more than tolerated, or less and the ratchet not lowered."""
    groups = defaultdict(list)
    for finding in findings:
        groups[finding.rule, finding.path].append(finding)
    complaints = []
    for key in sorted({*groups, *tolerated}):
        size = sum(finding.size for finding in groups[key])
        limit = tolerated.get(key, 0)
        if size > limit:
            complaints += [f"{f.path}:{f.line}: {f.rule}: {f.what}" for f in groups[key]]
        elif size < limit:
            complaints.append(f"{key[1]}: {key[0]}: now {size}; lower the ratchet from {limit}")
    return complaints


def main(arguments):
    root = arguments[1] if len(arguments) > 1 else os.path.join(HERE, "..", "..")
    with open(os.path.join(HERE, "ratchet.txt"), encoding="utf-8") as file:
        tolerated = parse_ratchet(file.read())
    findings = []
    for source in read_tree(root):
        if not source.path.startswith(EXEMPT):
            findings += findings_in(source)
    complaints = judge(findings, tolerated)
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
