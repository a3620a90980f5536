from dataclasses import replace

import numpy as np
import pytest

from benchmarks.hit_ratio.question import Question
from benchmarks.hit_ratio.workload import (
    Workload,
    footprint_bytes,
    foresee,
    limits,
    ttl_for_s,
)
from benchmarks.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.model.popularity import zipf

ASKED = Question().workload


def test_with_memory_for_all_only_the_ttl_and_writes_count() -> None:
    shares = zipf(ASKED.users, ASKED.skew) * ASKED.rate
    reads, writes = shares * 0.95, shares * 0.05

    found = foresee(ASKED)

    expected = mean_hit_ratio(expiring(reads, writes, ttl_s=ASKED.ttl_s), reads)
    assert found.todos == found.at_random == pytest.approx(expected)
    assert found.lists == pytest.approx(float(np.sum(expiring(reads, writes, ttl_s=300))))


def test_many_users_taken_together_give_what_each_alone_gives() -> None:
    many = replace(ASKED, users=5000, rate=50.0)
    shares = zipf(5000, ASKED.skew) * 50
    reads, writes = shares * 0.95, shares * 0.05

    expected = mean_hit_ratio(expiring(reads, writes, ttl_s=ASKED.ttl_s), reads)

    assert foresee(many).todos == pytest.approx(expected, abs=0.001)


def test_what_is_there_fills_the_memory_where_it_is_too_small() -> None:
    room = 0.5 * footprint_bytes(ASKED)

    found = foresee(replace(ASKED, room_bytes=room))

    assert found.filled_bytes == pytest.approx(room, rel=1e-3)
    assert found.at_random < found.todos < foresee(ASKED).todos
    assert 0 < found.gap_s < ASKED.ttl_s


def test_accounts_take_their_part_of_the_memory() -> None:
    room = 0.5 * footprint_bytes(ASKED)
    small, large = (
        foresee(replace(ASKED, room_bytes=room, user_bytes=size)) for size in (100, 20_000)
    )

    assert large.todos < small.todos - 0.05


@pytest.mark.parametrize(
    ("changes", "binding"),
    [
        ({}, "ttl"),
        ({"ttl_s": 80_000.0, "user_ttl_s": 80_000.0}, "writes"),
        ({"room_bytes": 300_000.0}, "memory"),
        ({"ttl_s": 1e9, "user_ttl_s": 1e9, "writes": 0.0}, "ttl"),
    ],
)
def test_what_binds_most_is_what_alone_leaves_least(
    changes: dict[str, float], binding: str
) -> None:
    workload: Workload = replace(ASKED, **changes)  # type: ignore[arg-type]
    alone = limits(workload)

    assert alone.binding == binding
    assert foresee(workload).todos <= min(alone.ttl, alone.writes, alone.memory) + 1e-9


def test_the_ttl_that_it_takes_gives_the_hit_ratio() -> None:
    ttl_s = ttl_for_s(ASKED, 0.85)

    assert ttl_s is not None
    assert foresee(replace(ASKED, ttl_s=ttl_s)).todos == pytest.approx(0.85, abs=0.001)


def test_what_memory_and_writes_forbid_no_ttl_gives() -> None:
    assert ttl_for_s(ASKED, 0.951) is None
    assert ttl_for_s(replace(ASKED, room_bytes=300_000.0), 0.8) is None


def test_any_ttl_gives_a_hit_ratio_of_nothing() -> None:
    assert ttl_for_s(ASKED, 0.0) == pytest.approx(0.001)
