from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio
from benchmarks.predict.hit_ratio.question import ASKED, MOST_RATE, HitRatioQuestion, Workload, grid
from benchmarks.predict.hit_ratio.workload import limits, predict, ttl_for_s
from benchmarks.scenarios.popularity import zipf
from benchmarks.storage.usage import UsageError

WORKLOAD = HitRatioQuestion().workload


@pytest.mark.parametrize(("users", "rate", "off"), [(200, 2.0, 1e-9), (5000, 50.0, 0.001)])
def test_only_the_ttl_and_writes_count_and_many_users_are_taken_together(
    users: int, rate: float, off: float
) -> None:
    workload = replace(WORKLOAD, users=users, rate=rate)
    shares = zipf(users, workload.skew) * rate
    reads, writes = shares * 0.95, shares * 0.05

    found = predict(workload)

    expected = mean_hit_ratio(expiring(reads, writes, ttl_s=workload.ttl_s), reads)
    assert found.todos == pytest.approx(expected, abs=off)
    of_accounts = expiring(shares, ttl_s=workload.user_ttl_s)
    assert found.user == pytest.approx(mean_hit_ratio(of_accounts, shares), abs=off)


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
    workload: Workload = replace(WORKLOAD, **changes)  # type: ignore[arg-type]
    alone = limits(workload)

    assert alone.binding == binding
    assert predict(workload).todos <= min(alone.ttl, alone.writes) + 1e-9


def test_the_ttl_that_it_takes_gives_the_hit_ratio() -> None:
    ttl_s = ttl_for_s(WORKLOAD, 0.85)

    assert ttl_s is not None
    assert predict(replace(WORKLOAD, ttl_s=ttl_s)).todos == pytest.approx(0.85, abs=0.001)
    # What writes forbid no TTL gives, and nothing is given by any.
    assert ttl_for_s(WORKLOAD, 0.951) is None
    assert ttl_for_s(WORKLOAD, 0.0) == pytest.approx(0.001)


def test_every_axis_has_three_points_with_the_asked_one() -> None:
    points = grid(HitRatioQuestion())

    axes = [point.axis for point in points]
    assert axes[0] == ASKED
    assert [axes.count(axis) for axis in ("ttl", "skew", "writes")] == [2, 2, 2]
    assert len({point.name for point in points}) == len(points) == 7
    # The warm-up outlasts what was there before.
    assert all(point.warm_up_s >= 2.2 * point.workload.ttl_s for point in points)
    # Without todos nobody writes.
    unwritten = grid(HitRatioQuestion(todos_per_user=0, writes=0.0))
    assert not [point for point in unwritten if point.workload.writes]


def test_compressed_time_leaves_the_hit_ratio_as_it_is() -> None:
    question = HitRatioQuestion(ttl_s=300, rate=2)
    (point, *_) = grid(question)

    assert point.workload.ttl_s == 2
    assert point.workload.rate == MOST_RATE
    assert point.squeeze == 150
    assert point.workload.user_ttl_s == 4
    assert predict(point.workload).todos == pytest.approx(predict(question.workload).todos)


@pytest.mark.parametrize(("rate", "ttl_s"), [(0.01, 300.0), (1000.0, 300.0)])
def test_what_would_take_too_long_or_show_nothing_is_refused(rate: float, ttl_s: float) -> None:
    with pytest.raises(UsageError, match="--rate times --ttl makes"):
        grid(HitRatioQuestion(rate=rate, ttl_s=ttl_s))


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("users", 0, "--users"),
        ("skew", -0.1, "--skew"),
        ("ttl_s", float("nan"), "--ttl is nan"),
        ("writes", 1.0, "--writes"),
        ("rate", 0.0, "--rate"),
        ("todos_per_user", -1, "--todos-per-user"),
        ("payload_bytes", 0, "--payload-bytes"),
        ("seconds", 0.1, "--seconds"),
        ("seed", -1, "--seed"),
    ],
)
def test_a_number_outside_its_limits_names_its_option(
    option: str, value: float, named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        HitRatioQuestion(**{option: value})  # type: ignore[arg-type]


def test_what_cannot_be_measured_is_refused_only_where_it_is_measured(tmp_path: Path) -> None:
    HitRatioQuestion(users=5000)
    HitRatioQuestion(todos_per_user=0)

    with pytest.raises(UsageError, match="each of them logs in"):
        HitRatioQuestion(users=5000, measure=True)
    with pytest.raises(UsageError, match="--todos-per-user is 0"):
        HitRatioQuestion(todos_per_user=0, measure=True)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        HitRatioQuestion(out=tmp_path / "file")


def test_lists_that_the_service_does_not_cache_have_no_hit_ratio_to_be_foreseen() -> None:
    with pytest.raises(UsageError, match="CACHE_ENTRY_MAX_BYTES"):
        HitRatioQuestion(todos_per_user=999, payload_bytes=100)
    HitRatioQuestion(todos_per_user=600, payload_bytes=100)
