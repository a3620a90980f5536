from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks import Counted, Lookups, queries_ratio
from benchmarks.analysis.checks.counters import counters


def lookups(reads: int, *, hits: int, keyspace_hits: int | None = None, **changes: Any) -> Lookups:
    values: dict[str, Any] = {
        "reads": reads,
        "answered": reads,
        "user_hits": hits,
        "todos_hits": hits,
        "user_finds": reads - hits,
        "todos_finds": reads - hits,
        "keyspace_hits": 2 * hits if keyspace_hits is None else keyspace_hits,
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
    ("variant", "detail"),
    [
        (
            "cached",
            "cold 0 of 20 lookups hit and 20 made finds, warm 80 of 80 lookups hit and 0",
        ),
        (
            "uncached",
            "cold 0 of 20 lookups hit and 20 made finds, warm 0 of 80 lookups hit and 80",
        ),
    ],
)
def test_three_parties_that_agree_pass(variant: str, detail: str) -> None:
    guard = counters([counted(variant)], caches=variant == "cached")

    assert (guard.passed, guard.scenario, guard.detail) == (
        True,
        "",
        f"{variant}: {detail} made finds",
    )


@pytest.mark.parametrize(
    ("part", "changes", "detail"),
    [
        ("warm", {"user_finds": 1}, "1 warm finds of users, where headers leave 0 lookups"),
        ("warm", {"todos_finds": 40}, "40 warm finds of todos, where headers leave 0 lookups"),
        ("cold", {"todos_finds": 9}, "9 cold finds of todos, where headers leave 10 lookups"),
        ("warm", {"keyspace_hits": 0}, "Redis counted 0 warm hits, headers name 80"),
        ("warm", {"keyspace_hits": 81}, "Redis counted 81 warm hits, headers name 80"),
        ("warm", {"answered": 39}, "1 of 40 warm answers were not 200"),
    ],
)
def test_one_that_disagrees_fails(part: str, changes: dict[str, int], detail: str) -> None:
    sound = counted()
    broken = replace(sound, **{part: replace(getattr(sound, part), **changes)})

    guard = counters([sound, replace(broken, restart=1)], caches=True)

    assert not guard.passed
    assert guard.detail == f"cached: {detail} (restart 1)"
    assert guard.advice


def test_a_cache_that_never_hits_fails_although_all_agree() -> None:
    guard = counters([replace(counted(), warm=lookups(40, hits=0))], caches=True)

    assert guard.detail == "cached: headers name 0 warm hits, not 80 (restart 0)"


def test_a_cache_that_was_not_empty_fails_although_all_agree() -> None:
    guard = counters([replace(counted(), cold=lookups(10, hits=10))], caches=True)

    assert guard.detail == "cached: headers name 20 cold hits, not 0 (restart 0)"


def test_what_a_server_does_not_tell_is_not_checked_and_the_guard_says_so() -> None:
    silent: dict[str, Any] = dict.fromkeys(
        ("user_finds", "todos_finds", "keyspace_hits", "keyspace_misses"), None
    )
    sound = counted()
    found = replace(sound, cold=replace(sound.cold, **silent), warm=replace(sound.warm, **silent))

    guard = counters([found], caches=True)

    assert guard.passed
    assert guard.detail == (
        "cached: cold 0 of 20 lookups hit, warm 80 of 80 lookups hit, "
        "finds not checked: the database does not answer top, Redis not checked: it does not tell"
    )
    assert queries_ratio(counted("uncached"), found) is None


def test_a_rival_s_disagreement_is_told_and_fails_nothing() -> None:
    found = replace(counted(), warm=lookups(40, hits=40, todos_finds=40))

    guard = counters([found], caches=True, informative=True)

    assert guard.passed
    assert "40 warm finds of todos" in guard.detail


def test_five_reads_ask_the_database_five_times_without_a_cache_and_once_with_it() -> None:
    uncached, cached = counted("uncached"), counted()

    assert (uncached.finds_per_session, cached.finds_per_session) == (10.0, 2.0)
    assert queries_ratio(uncached, cached) == 5.0


def test_a_variant_that_never_asks_has_no_ratio() -> None:
    never = replace(counted(), cold=lookups(10, hits=10))

    assert queries_ratio(counted("uncached"), never) is None
