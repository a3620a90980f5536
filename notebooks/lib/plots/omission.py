"""Two ways to get a percentile wrong: not to send what is due, and to make up what was not."""

import random
import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from benchmarks.report.figure import Figure
from benchmarks.report.figures import count, ms
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.tones import TONES
from notebooks.lib.model.omission import Served, Stall, as_wrk, serve

_PERCENTILES = (50.0, 80.0, 90.0, 95.0, 99.0, 99.9)
_MS_PER_S = 1000.0
_SPREAD = 0.3
"""Standard deviation of the logarithm of the simulated work."""
_STEPS = 300
_LOOKS = (("gray", (0, (4, 1.5))), ("vermilion", "-"))


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
    for (label, values), (tone, line) in zip(series.items(), _LOOKS, strict=True):
        # 1 / (1 - p), as HdrHistogram's plots have it: the tail has room.
        places = np.geomspace(1, len(values), _STEPS)
        times_ms = np.quantile(values, 1 - 1 / places, method="inverted_cdf")
        axes.plot(places, times_ms, color=TONES[tone].light, linestyle=line, label=label)
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
