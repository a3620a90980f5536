"""What a load generator leaves out of its percentiles, and what it makes up: METHOD 1.1.

A generator with one connection that waits for a slow answer does not send what was due meanwhile.
Those requests start late, and whoever counts from the late start never sees their wait
(coordinated omission; Tene's README of wrk2). Counting from when a request was due shows it.

wrk has no such plan. It guesses instead: an answer slower than twice the mean interval T between
answers is taken for a stall, and t - T, t - 2T, ... down to T are recorded as if they had been
measured (``stats_correct`` in src/stats.c, called with T = runtime x connections / requests).
Where slow answers are no stalls but misses, that invents times that nothing ever took.
"""

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from benchmarks.report.figure import Figure
from benchmarks.report.figures import count, ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.tones import TONES

_PERCENTILES = (50.0, 80.0, 90.0, 95.0, 99.0, 99.9)
_MS_PER_S = 1000.0
_SPREAD = 0.3
"""Standard deviation of the logarithm of the simulated work."""
_STEPS = 300
_STYLES = (("gray", (0, (4, 1.5))), ("vermilion", "-"))


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


def stalled(
    *, rate_per_s: float, seconds: float, work_ms: float, stall: Stall, seed: int
) -> list[Served]:
    """Simulate requests that are due at a steady rate at one server which stalls once.

    The work is lognormal around ``work_ms``; the same seed gives the same requests.
    """
    rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    due_ms = [number * _MS_PER_S / rate_per_s for number in range(round(rate_per_s * seconds))]
    works_ms = [work_ms * rng.lognormvariate(0, _SPREAD) for _ in due_ms]
    return serve(due_ms, works_ms, stall)


def make_stalled(served: Sequence[Served], stall: Stall) -> Figure:
    """Draw the percentiles of the same simulated requests by two clocks."""
    clocks = {
        "counted from the send": [each.since_start_ms for each in served],
        "counted from when it was due": [each.since_due_ms for each in served],
    }
    touched = sum(each.since_due_ms > stall.length_ms / 2 for each in served)
    return _figure(
        clocks,
        name="coordinated-omission",
        title="One stall, two clocks",
        caption=(
            f"Simulated, with a fixed seed: {count(len(served))} reads due at a steady rate on one "
            f"connection, and one stall of {stall.length_ms:.0f} ms. Both lines are the same "
            "requests. A generator that waits for the slow answer sends the next ones late and "
            "counts from then, so one of them is slow; the users behind it waited as well, "
            f"{count(touched)} of them for more than half of the stall."
        ),
    )


def make_back_filled(times_ms: Sequence[float], *, whose: str) -> Figure:
    """Draw recorded times beside what wrk would print of them; ``whose`` says what they are."""
    filled = as_wrk(times_ms)
    return _figure(
        {"recorded": list(times_ms), "as wrk would correct it": filled},
        name="back-filled",
        title="Requests that never happened",
        caption=(
            f"Recorded: {whose}, {count(len(times_ms))} requests on one connection. wrk takes "
            "every answer slower than twice the mean for a stall and adds "
            f"{count(len(filled) - len(times_ms))} requests that would have come meanwhile. Here "
            "nothing stalled: the slow ones are misses, and the times in between were made up."
        ),
    )


def _figure(
    series: Mapping[str, Sequence[float]], *, name: str, title: str, caption: str
) -> Figure:
    return Figure(
        name=name,
        title=title,
        caption=f"{caption} Both scales are logarithmic.",
        alt=f"{'; '.join(_described(label, values) for label, values in series.items())}.",
        table=Table(
            ("percentile", *(f"{label}, ms" for label in series)),
            [["mean", *(f"{statistics.fmean(values):g}" for values in series.values())]]
            + [
                [f"{each:g}", *(f"{np.percentile(values, each):g}" for values in series.values())]
                for each in _PERCENTILES
            ],
        ),
        svg=panels.stacked([series], _draw, title=title, names=[*series], panel=240),
    )


def _draw(axes: Axes, series: Mapping[str, Sequence[float]]) -> None:
    for (label, values), (tone, line) in zip(series.items(), _STYLES, strict=True):
        # 1 / (1 - p), as HdrHistogram's plots have it: the tail has room.
        xs = np.geomspace(1, len(values), _STEPS)
        times_ms = np.quantile(values, 1 - 1 / xs, method="inverted_cdf")
        axes.plot(xs, times_ms, color=TONES[tone].light, linestyle=line, label=label)
    every = [time for values in series.values() for time in values]
    panels.log_axis(axes, min(every), max(every))
    axes.set_xscale("log")
    ticks = [1 / (1 - each / 100) for each in _PERCENTILES]
    style.ticks(axes.xaxis, ticks, [f"{each:g}" for each in _PERCENTILES])
    axes.set_xlim(1, None)
    axes.set_ylabel("ms (log)")
    axes.set_xlabel("percentile")


def _described(label: str, values: Sequence[float]) -> str:
    half, last = (float(np.percentile(values, each)) for each in (50, 99))
    return f"{label}: mean {ms(statistics.fmean(values))}, p50 {ms(half)}, p99 {ms(last)} ms"
