"""A cached service and a Redis of dictionaries, and points as if they had been measured."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import RunningVariant
from benchmarks.predict.hit_ratio.measuring import BLOCKS, BlockCount, MeasuredPoint
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, grid
from benchmarks.predict.hit_ratio.workload import predict
from tests.unit.benchmarks.fake_http import FakeProcess, handler_for, listening


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
) -> list[MeasuredPoint]:
    """Return the first points as if they had come out as predicted, or that much off."""
    found = []
    for point in grid(question)[:points]:
        hits = round(200 * (predict(point.workload) + off_by))
        blocks = [
            BlockCount(rate=point.workload.rate, reads=200, hits=hits + number % 2)
            for number in range(BLOCKS)
        ]
        slots = Counter[str]()
        for block in blocks:
            slots += {"todos=hit": block.hits, "todos=expired": block.reads - block.hits}
        found.append(
            MeasuredPoint(
                point=point,
                rate=point.workload.rate,
                blocks=blocks,
                slots=slots,
                errors=0,
            )
        )
    return found
