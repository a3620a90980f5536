"""What a load generator leaves out of its percentiles, and what it makes up: METHOD 1.1.

A generator with one connection that waits for a slow answer does not send what was due meanwhile.
Those requests start late, and whoever counts from the late start never sees their wait
(coordinated omission; Tene's README of wrk2). Counting from when a request was due shows it.

wrk has no such plan. It guesses instead: an answer slower than twice the mean interval T between
answers is taken for a stall, and t - T, t - 2T, ... down to T are recorded as if they had been
measured (``stats_correct`` in src/stats.c, called with T = runtime x connections / requests).
Where slow answers are no stalls but misses, that invents times that nothing ever took.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stall:
    """A span of time in which the server does nothing, in ms from the start."""

    start_ms: float
    end_ms: float

    @property
    def length_ms(self) -> float:
        """Return how long it lasts."""
        return self.end_ms - self.start_ms

    def finish_ms(self, start_ms: float, work_ms: float) -> float:
        """Return when work that begins at ``start_ms`` is done."""
        done_before_ms = self.start_ms - start_ms
        if start_ms >= self.end_ms or work_ms <= done_before_ms:
            return start_ms + work_ms
        return self.end_ms + work_ms - max(0.0, done_before_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One request in ms from the start: when it was due, when its work began and when it ended."""

    due_ms: float
    start_ms: float
    end_ms: float

    @property
    def since_start_ms(self) -> float:
        """Return the time that a generator with one connection sees which counts from its send."""
        return self.end_ms - self.start_ms

    @property
    def since_due_ms(self) -> float:
        """Return the time that whoever wanted the answer waited for it."""
        return self.end_ms - self.due_ms


def serve(
    due_ms: Sequence[float], work_ms: Sequence[float], stall: Stall | None = None
) -> list[Served]:
    """Return what becomes of requests that one server takes in their order (Lindley 1952).

    ``due_ms`` rises. Raises ``ValueError`` unless there is one ``work_ms`` for each of them.
    """
    served, free_ms = [], 0.0
    for due, work in zip(due_ms, work_ms, strict=True):
        start_ms = max(due, free_ms)
        free_ms = start_ms + work if stall is None else stall.finish_ms(start_ms, work)
        served.append(Served(due_ms=due, start_ms=start_ms, end_ms=free_ms))
    return served


def back_filled(times_ms: Sequence[float], interval_ms: float) -> list[float]:
    """Return measured times with those that wrk adds to them, in no order.

    For each t >= 2T also t - T, t - 2T, ... as long as they are above T. Raises ``ValueError``
    for an interval that is not positive.
    """
    if not interval_ms > 0:
        raise ValueError(f"an interval is above 0, not {interval_ms}")
    return [*times_ms, *(each for time in times_ms for each in _invented(time, interval_ms))]


def as_wrk(times_ms: Sequence[float]) -> list[float]:
    """Return the times of one connection as wrk corrects them: T is their mean.

    Raises ``ValueError`` for no times.
    """
    if not times_ms:
        raise ValueError("a mean needs at least one time")
    return back_filled(times_ms, statistics.fmean(times_ms))


def _invented(time_ms: float, interval_ms: float) -> list[float]:
    if time_ms < 2 * interval_ms:
        return []
    return [
        time_ms - step * interval_ms
        for step in range(1, int(time_ms // interval_ms) + 1)
        if time_ms - step * interval_ms > interval_ms
    ]
