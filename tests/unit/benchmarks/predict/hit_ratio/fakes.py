"""A cached service and a Redis of dictionaries, and points as if they had been measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import RunningVariant
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, grid
from benchmarks.predict.hit_ratio.run import BLOCKS
from benchmarks.predict.hit_ratio.workload import predict
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.fake_http import FakeProcess, handler_for, listening
from tests.unit.benchmarks.simulate import sample


@dataclass
class CachedLists:
    """Keeps who has read since the last write."""

    kept: set[str] = field(default_factory=set)

    def answer(
        self, method: str, _path: str, token: str, _body: object
    ) -> tuple[int, Any, dict[str, str]]:
        said = ["user; hit"]
        if method == "GET":
            said.append("todos; hit" if token in self.kept else "todos; fwd=miss; detail=cold")
            self.kept.add(token)
        else:
            self.kept.discard(token)
        return 200, b"[]", {"Cache-Status": ", ".join(said)}


@contextmanager
def running_variant(service: CachedLists, *, users: int) -> Iterator[RunningVariant]:
    with listening(handler_for(service)) as running, Connection(running.url) as connection:
        headers = [{"Authorization": f"Bearer {user}"} for user in range(users)]
        yield RunningVariant(
            variant="ttl",
            connection=connection,
            requests={
                "list": [connection.prepare("GET", "/todo/", headers=each) for each in headers],
                "complete": [
                    connection.prepare("PUT", "/todo/1", headers=each) for each in headers
                ],
            },
            empty_cache=service.kept.clear,
            pid=FakeProcess().pid,
        )


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
