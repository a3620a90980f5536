from dataclasses import replace

import pytest

from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.workload import Workload, foresee, limits, ttl_for_s
from benchmarks.scenarios.popularity import zipf

ASKED = HitRatioQuestion().workload


def test_only_the_ttl_and_writes_count() -> None:
    shares = zipf(ASKED.users, ASKED.skew) * ASKED.rate
    reads, writes = shares * 0.95, shares * 0.05

    found = foresee(ASKED)

    expected = mean_hit_ratio(expiring(reads, writes, ttl_s=ASKED.ttl_s), reads)
    assert found.todos == pytest.approx(expected)
    of_accounts = expiring(shares, ttl_s=ASKED.user_ttl_s)
    assert found.user == pytest.approx(mean_hit_ratio(of_accounts, shares))


def test_many_users_taken_together_give_what_each_alone_gives() -> None:
    many = replace(ASKED, users=5000, rate=50.0)
    shares = zipf(5000, ASKED.skew) * 50
    reads, writes = shares * 0.95, shares * 0.05

    expected = mean_hit_ratio(expiring(reads, writes, ttl_s=ASKED.ttl_s), reads)

    assert foresee(many).todos == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("changes", "binding"),
    [
        ({}, "ttl"),
        ({"ttl_s": 80_000.0, "user_ttl_s": 80_000.0}, "writes"),
        ({"ttl_s": 1e9, "user_ttl_s": 1e9, "writes": 0.0}, "ttl"),
    ],
)
def test_what_binds_most_is_what_alone_leaves_least(
    changes: dict[str, float], binding: str
) -> None:
    workload: Workload = replace(ASKED, **changes)  # type: ignore[arg-type]
    alone = limits(workload)

    assert alone.binding == binding
    assert foresee(workload).todos <= min(alone.ttl, alone.writes) + 1e-9


def test_the_ttl_that_it_takes_gives_the_hit_ratio() -> None:
    ttl_s = ttl_for_s(ASKED, 0.85)

    assert ttl_s is not None
    assert foresee(replace(ASKED, ttl_s=ttl_s)).todos == pytest.approx(0.85, abs=0.001)


def test_what_writes_forbid_no_ttl_gives_and_any_ttl_gives_nothing() -> None:
    assert ttl_for_s(ASKED, 0.951) is None
    assert ttl_for_s(ASKED, 0.0) == pytest.approx(0.001)
