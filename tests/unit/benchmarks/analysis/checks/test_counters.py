from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.counters import counters
from benchmarks.storage.records import Counted, Lookups


def lookups(reads: int, *, hits: int, **changes: Any) -> Lookups:
    values: dict[str, Any] = {
        "reads": reads,
        "answered": reads,
        "user_hits": hits,
        "todos_hits": hits,
        "user_finds": reads - hits,
        "todos_finds": reads - hits,
        "keyspace_hits": 2 * hits,
        "keyspace_misses": 0,
    }
    return Lookups(**(values | changes))


def counted(variant: str = "cached", *, restart: int = 0) -> Counted:
    """Return what was seen on real servers: filling looks at its own tokens."""
    caches = variant != "uncached"
    return Counted(
        variant=variant,
        restart=restart,
        sessions=10,
        cold=lookups(10, hits=0, keyspace_hits=20 * caches, keyspace_misses=50 * caches),
        warm=lookups(40, hits=40 * caches),
    )


@pytest.mark.parametrize(
    ("variant", "warm"),
    [
        ("cached", "80 of 80 lookups hit and 0 made finds"),
        ("uncached", "0 of 80 lookups hit and 80 made finds"),
    ],
)
def test_three_parties_that_agree_pass(variant: str, warm: str) -> None:
    check = counters([counted(variant)], caches=variant == "cached")

    cold = "cold 0 of 20 lookups hit and 20 made finds"
    assert (check.passed, check.scenario) == (True, "")
    assert check.detail == f"{variant}: {cold}, warm {warm}"


@pytest.mark.parametrize(
    ("when", "changes", "detail"),
    [
        ("warm", {"user_finds": 1}, "1 warm finds of users, where headers leave 0 lookups"),
        ("warm", {"todos_finds": 40}, "40 warm finds of todos, where headers leave 0 lookups"),
        ("cold", {"todos_finds": 9}, "9 cold finds of todos, where headers leave 10 lookups"),
        ("warm", {"keyspace_hits": 0}, "Redis counted 0 warm hits, headers name 80"),
        ("warm", {"keyspace_hits": 81}, "Redis counted 81 warm hits, headers name 80"),
        ("warm", {"answered": 39}, "1 of 40 warm answers were not 200"),
        # All agree here, but a cache that never hits, or was not empty, is not what was meant.
        ("warm", lookups(40, hits=0), "headers name 0 warm hits, not 80"),
        ("cold", lookups(10, hits=10), "headers name 20 cold hits, not 0"),
    ],
)
def test_one_that_disagrees_fails(when: str, changes: Any, detail: str) -> None:
    sound = counted(restart=1)
    wrong: dict[str, Any] = {
        when: changes if isinstance(changes, Lookups) else replace(getattr(sound, when), **changes)
    }

    check = counters([counted(), replace(sound, **wrong)], caches=True)

    assert not check.passed
    assert check.detail == f"cached: {detail} (restart 1)"
    assert check.advice


def test_what_a_server_does_not_tell_is_not_checked_and_the_check_says_so() -> None:
    silent: dict[str, Any] = dict.fromkeys(
        ("user_finds", "todos_finds", "keyspace_hits", "keyspace_misses"), None
    )
    sound = counted()
    found = replace(sound, cold=replace(sound.cold, **silent), warm=replace(sound.warm, **silent))

    check = counters([found], caches=True)

    assert check.passed
    assert check.detail == (
        "cached: cold 0 of 20 lookups hit, warm 80 of 80 lookups hit, "
        "finds not checked: the database does not answer top, Redis not checked: it does not tell"
    )
