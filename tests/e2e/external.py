"""The example of docs/test-your-own-system.md does what its page says."""
from _cells import cells, check_control, check_loss, check_verdict
from _squall_e2e import SOURCE, equal, main, need, squall

SCENARIO = "examples/redis-external/scenario.yaml"


def safe_variant(folder):
    """The example made safe: min-replicas, and a bound of the loss."""
    scenario = folder / "safe.yaml"
    text = (SOURCE / SCENARIO).read_text()
    for old, new in (("expect: violation", "expect: pass"),
                     ("{use: topology.yaml}", "{use: %s, with: {min-replicas: 1}}" %
                      (SOURCE / "examples/redis-external/topology.yaml")),
                     ("{fault: cut}", "{fault: cut, bounded-loss: 4s}"),
                     # A primary that refuses writes answers reads all the same: one may show, at
                     # any time, an add that was under way when the cut came.
                     ("endpoint: local, timeout: 1s,",
                      "endpoint: local, timeout: 1s, read-every: 0s,")):
        equal(text.count(old), 1, f"how often {old} is in the example")
        text = text.replace(old, new)
    scenario.write_text(text)
    return scenario


def only_the_example_as_it_stands_violates_and_only_with_its_cut(folder):
    need("redis-server", "redis-sentinel")
    valid = squall("validate", SOURCE / SCENARIO)
    equal(valid.code, 0, "the exit code of squall validate", valid)
    variant = safe_variant(folder)
    unsafe, unsafe_control, safe, safe_control = cells(
        folder, (SCENARIO,), (SCENARIO, "--control"), (variant,), (variant, "--control"))
    check_loss(unsafe, check_verdict(unsafe, "set-full", "violated"))
    check_control(unsafe_control, "set-full")
    check_verdict(safe, "set-full", "valid")
    safe[0].check_all_installed(["cut"])
    check_control(safe_control, "set-full")


main(only_the_example_as_it_stands_violates_and_only_with_its_cut)
