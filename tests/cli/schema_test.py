"""The JSON Schemas: fresh, right about the library, and right about what is wrong in its form."""
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

import jsonschema
import yaml

SQUALL = os.environ["SQUALL"]
SOURCE = os.environ["SQUALL_SOURCE_DIR"]
KINDS = ("scenario", "topology")

# Files of tests/scenarios/bad whose mistakes are of form, and where the schema finds them.  The
# other mistakes of these files, and the other files, take names, selectors or the whole timeline.
BAD_FORM = {
    "after": ["timeline/3/after"],
    "bad-names": ["name", "timeline/0/name", "workload/0/name"],
    "checks": ["checks/1", "checks/3", "checks/4"],
    "control": ["timeline"],
    "empty-values": ["name", "seed", "why"],
    "kinds": ["checks/0", "checks/1", "checks/2", "timeline/0/fault", "timeline/1/fault",
              "workload/0/client"],
    "lengths": ["timeline/0", "timeline/1"],
    "missing-keys": [""],
    "no-checks": ["checks"],
    "not-a-map": [""],
    "random": ["timeline", "timeline/random", "timeline/random/at-once",
               "timeline/random/faults/0/fault", "timeline/random/faults/10/loss",
               "timeline/random/faults/10/name", "timeline/random/faults/11",
               "timeline/random/faults/12", "timeline/random/faults/2",
               "timeline/random/faults/4", "timeline/random/faults/5",
               "timeline/random/faults/5/weight", "timeline/random/faults/6/delay",
               "timeline/random/faults/6/for", "timeline/random/faults/7",
               "timeline/random/faults/8/loss", "timeline/random/faults/9/model",
               "timeline/random/gap", "timeline/random/pattern"],
    "random-shape": ["timeline/fixed", "timeline/random"],
    "sides": ["timeline/1/between", "timeline/2/between", "timeline/3", "timeline/4", "timeline/5",
              "timeline/6", "timeline/7"],
    "stack-both": ["stack", "stack/inline"],
    "stack-variables": ["stack/with/size"],
    "topology-processes": ["stack/inline/leader", "stack/inline/leader/same",
                           "stack/inline/processes/a",
                           "stack/inline/processes/b/ready", "stack/inline/processes/b/restart",
                           "stack/inline/processes/c/command", "stack/inline/processes/c/env/X"],
    "topology-regions": ["stack/inline/nodes", "stack/inline/nodes/E2",
                         "stack/inline/processes/idle/command",
                         "stack/inline/regions", "stack/inline/regions/Mars/eu"],
    "triggers": ["timeline/0", "timeline/1", "timeline/4/when", "timeline/5/when/operations",
                 "timeline/6/when/metric", "timeline/7/when/below", "timeline/8/when",
                 "timeline/9/when"],
    "unknown-keys": ["", "steady", "timeline/0", "workload/0"],
    "version": ["expect", "seed", "squall"],
    "workload": ["workload/0/processes", "workload/4"],
    "wrong-units": ["guard/abort-when", "limit", "settle", "steady/availability",
                    "steady/operations", "timeline/0/at", "timeline/0/for", "timeline/2/at",
                    "workload/0/keys", "workload/0/start", "workload/0/timeout"],
}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `yes` is a text, and so is 12:30."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+",
         "-+.0123456789"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""])):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"),
                                     list(first))


def squall(*arguments):
    return subprocess.run([SQUALL, *arguments], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def path_of(kind):
    return os.path.join(SOURCE, "schemas", f"{kind}.schema.json")


def validator(kind):
    return jsonschema.Draft7Validator(json.loads(squall("schema", kind)))


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, CoreLoader)


def library(*patterns):
    return sorted(path for pattern in patterns
                  for path in glob.glob(os.path.join(SOURCE, pattern)))


def places(kind, value):
    """Where the schema finds something wrong, each place once."""
    return sorted({"/".join(map(str, error.absolute_path))
                   for error in validator(kind).iter_errors(value)})


class Schema(unittest.TestCase):
    def test_committed_files_are_fresh(self):
        for kind in KINDS:
            with open(path_of(kind), encoding="utf-8") as file:
                self.assertTrue(file.read() == squall("schema", kind),
                                f"stale; run: squall schema {kind} >schemas/{kind}.schema.json")

    def test_they_are_schemas(self):
        for kind in KINDS:
            jsonschema.Draft7Validator.check_schema(json.loads(squall("schema", kind)))

    def test_every_scenario_of_the_library_fits(self):
        paths = library("scenarios/*.yaml", "examples/*/scenario.yaml",
                        "tests/e2e/scenarios/*.yaml")
        self.assertGreater(len(paths), 10)
        for path in paths:
            self.assertEqual(places("scenario", load(path)), [], path)

    def test_every_topology_of_the_library_fits(self):
        paths = library("topologies/*.yaml", "examples/*/topology.yaml")
        self.assertGreater(len(paths), 2)
        for path in paths:
            self.assertEqual(places("topology", load(path)), [], path)

    def test_mistakes_of_form_are_found_where_they_are(self):
        for name, expected in BAD_FORM.items():
            with self.subTest(name):
                path = os.path.join(SOURCE, "tests/scenarios/bad", name + ".yaml")
                self.assertEqual(places("scenario", load(path)), expected)

    def test_a_variable_may_stand_for_any_value_of_a_topology(self):
        topology = {"topology": "t", "variables": {"wait": "3s", "port": 6379},
                    "nodes": {"n1": {"run": ["a"]}},
                    "processes": {"a": {"command": ["a"], "restart": "{var:again}",
                                        "ready": {"tcp": "{ip}:1", "within": "{var:wait}"}}},
                    "leader": {"redis": ["ROLE"], "port": "{var:port}", "matches": "^master"}}
        self.assertEqual(places("topology", topology), [])
        topology["processes"]["a"]["ready"]["within"] = "var:wait"
        self.assertEqual(places("topology", topology), ["processes/a/ready/within"])


class Init(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        squall("init", self.folder)

    def test_its_files_name_their_schemas_and_fit_them(self):
        for name, kind in (("my-first-scenario.yaml", "scenario"), ("my-system.yaml", "topology")):
            path = os.path.join(self.folder, name)
            with open(path, encoding="utf-8") as file:
                first = file.readline()
            schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)\n", first).group(1)
            with open(os.path.join(self.folder, schema), encoding="utf-8") as file:
                self.assertEqual(file.read(), squall("schema", kind))
            self.assertEqual(places(kind, load(path)), [], name)


if __name__ == "__main__":
    unittest.main()
