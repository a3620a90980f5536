import pytest

from benchmarks.predict.hit_ratio.points import ASKED, MOST_RATE, grid
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.workload import foresee
from benchmarks.storage.usage import UsageError


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
    assert foresee(point.workload).todos == pytest.approx(foresee(question.workload).todos)


@pytest.mark.parametrize(("rate", "ttl_s"), [(0.01, 300.0), (1000.0, 300.0)])
def test_what_would_take_too_long_or_show_nothing_is_refused(rate: float, ttl_s: float) -> None:
    with pytest.raises(UsageError, match="--rate times --ttl makes"):
        grid(HitRatioQuestion(rate=rate, ttl_s=ttl_s))
