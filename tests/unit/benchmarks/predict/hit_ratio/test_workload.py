from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.predict.hit_ratio.question import ASKED, LIMITS, MOST_RATE, HitRatioQuestion, grid
from benchmarks.predict.hit_ratio.workload import predict, ttl_for_s
from benchmarks.storage.usage import UsageError

WORKLOAD = HitRatioQuestion().workload


def test_the_ttl_that_it_takes_gives_the_hit_ratio() -> None:
    ttl_s = ttl_for_s(WORKLOAD, 0.85)

    assert ttl_s is not None
    assert predict(replace(WORKLOAD, ttl_s=ttl_s)) == pytest.approx(0.85, abs=0.001)
    # What writes forbid no TTL gives.
    assert ttl_for_s(WORKLOAD, 0.951) is None


def test_every_axis_has_three_points_with_the_asked_one() -> None:
    points = grid(HitRatioQuestion())

    axes = [point.axis for point in points]
    assert axes[0] == ASKED
    assert [axes.count(axis) for axis in ("ttl", "skew", "writes")] == [2, 2, 2]
    assert len({point.name for point in points}) == len(points) == 7


def test_compressed_time_leaves_the_hit_ratio_as_it_is() -> None:
    question = HitRatioQuestion(ttl_s=300, rate=2)
    (point, *_) = grid(question)

    assert point.workload.ttl_s == 2
    assert point.workload.rate == MOST_RATE
    assert predict(point.workload) == pytest.approx(predict(question.workload))


@pytest.mark.parametrize(("rate", "ttl_s"), [(0.01, 300.0), (1000.0, 300.0)])
def test_what_would_take_too_long_or_show_nothing_is_refused(rate: float, ttl_s: float) -> None:
    with pytest.raises(UsageError, match="--rate times --ttl makes"):
        grid(HitRatioQuestion(rate=rate, ttl_s=ttl_s))


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_outside_its_limits_names_its_option(name: str) -> None:
    least, most = LIMITS[name]

    for value in (least - 1, most + 1, float("nan")):
        asked: dict[str, Any] = {"ttl_s" if name == "ttl" else name: value}
        with pytest.raises(UsageError, match=f"--{name} is {value}"):
            HitRatioQuestion(**asked)


def test_what_cannot_be_measured_is_refused_only_where_it_is_measured(tmp_path: Path) -> None:
    HitRatioQuestion(users=5000)

    with pytest.raises(UsageError, match="each of them logs in"):
        HitRatioQuestion(users=5000, measure=True)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        HitRatioQuestion(out=tmp_path / "file", measure=True)
    with pytest.raises(UsageError, match="--out is about --measure"):
        HitRatioQuestion(out=tmp_path)
