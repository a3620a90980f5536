"""Points as if they had been measured."""

from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, grid
from benchmarks.predict.hit_ratio.run import BLOCKS
from benchmarks.predict.hit_ratio.workload import predict
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample


def as_measured(
    question: HitRatioQuestion, *, off_by: float = 0.0, points: int = 2
) -> list[tuple[Point, list[list[Sample]]]]:
    """Return the first points as if they had come out as predicted, or that much off."""
    return [
        (point, [block(point, predict(point.workload) + off_by, n) for n in range(BLOCKS)])
        for point in grid(question)[:points]
    ]


def block(point: Point, hit_ratio: float, number: int) -> list[Sample]:
    """Return 200 reads at the rate of the point, of which every second block has a hit more."""
    hits = round(200 * hit_ratio) + number % 2
    return [
        sample(
            start_s=index / point.workload.rate,
            slots="todos=hit" if index < hits else "todos=expired",
        )
        for index in range(200)
    ]
