"""A Redis primary that is cut off loses what it acknowledged; min-replicas bounds that in time."""
import re

from _cells import cells, check_control, check_loss, check_verdict
from _squall_e2e import check, equal, main, need

UNSAFE, SAFE = "scenarios/redis-set-unsafe.yaml", "scenarios/redis-set-safe.yaml"
BOUND_S = 4.0  # min-replicas-max-lag, and two seconds until the primary acts on it


def only_the_unsafe_primary_loses_what_it_acknowledged_without_a_bound(folder):
    need("redis-server", "redis-sentinel")
    unsafe, unsafe_control, safe, safe_control = cells(
        folder, (UNSAFE,), (UNSAFE, "--control"), (SAFE,), (SAFE, "--control"))
    check_loss(unsafe, check_verdict(unsafe, "set-full", "violated"))
    check_control(unsafe_control, "set-full")

    summary = check_verdict(safe, "set-full", "valid")
    # An add that nobody acknowledged but a read had returned is lost, too, and counted apart.
    told = re.fullmatch(r"\d+ acknowledged adds? lost, the last acknowledged \S+ after the cut, "
                        r"(and \d+ that a read had returned, )?within the bound of 4s", summary)
    check(told, "the verdict says how much was lost, and that it is bounded", summary)
    last_ms = check_loss(safe, summary)
    check(last_ms <= BOUND_S * 1000, "the last lost add was acknowledged within the bound", last_ms)
    equal(check_control(safe_control, "set-full").rpartition(", ")[2], "none lost", "its loss")


main(only_the_unsafe_primary_loses_what_it_acknowledged_without_a_bound)
