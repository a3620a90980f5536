"""One server, two gains: how the speedup grows with the load while the capacity's stays."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.figure import Figure
from benchmarks.report.figures import MISSING, ms, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels
from benchmarks.report.tones import TONES
from notebooks.lib.model.queueing import ServiceTime, mean_response_ms, utilization

_LOADS = (0.1, 0.5, 0.8, 0.95, 1.5)
"""Shares of the rate at which the server would be busy all the time without a cache."""
_LEAST, _NEARLY, _STEPS = 0.02, 0.99, 150
_LOOKS = {"uncached": ("gray", (0, (4, 1.5))), "cached": ("blue", "-")}


def services(model: CostModel, hit_ratio: float) -> dict[str, ServiceTime]:
    """Return the work of one server that does all of a read, without a cache and with one."""
    hit, miss = ServiceTime(model.hit_total_ms), ServiceTime(model.miss_total_ms)
    return {
        "uncached": ServiceTime(model.uncached_ms),
        "cached": ServiceTime.mixture([(hit_ratio, hit), (1 - hit_ratio, miss)]),
    }


def gain_at(model: CostModel, hit_ratio: float, load: float) -> float | None:
    """Return uncached / cached response at a load, None from where the reference is overloaded.

    ``load`` is a share of the uncached capacity.
    """
    off, on = services(model, hit_ratio).values()
    rate = load * off.capacity_per_s
    if utilization(rate, off) >= 1:
        return None
    return mean_response_ms(rate, off) / mean_response_ms(rate, on)


def make(model: CostModel, hit_ratio: float, *, whose: str) -> Figure:
    """Draw both response times against the load; ``whose`` names the numbers in the caption."""
    title = "The same server, with more and more to do"
    works = services(model, hit_ratio)
    capacity = works["uncached"].mean_ms / works["cached"].mean_ms
    described = [
        f"{times(gain)} at {load:.0%}"
        for load in _LOADS
        if (gain := gain_at(model, hit_ratio, load)) is not None
    ]
    return Figure(
        name="load-gain",
        title=title,
        caption=(
            f"Computed, not measured, with {whose} and a hit ratio of {hit_ratio:.2f}: reads that "
            "arrive at random at one server which does all the work (Pollaczek and Khinchine). "
            f"The cached one carries {times(capacity)} as much, that never changes. How many times "
            f"as fast it answers does: {', '.join(described)} of the uncached capacity; beyond "
            "100 % there is no uncached response time to compare with. The scale is logarithmic."
        ),
        alt=(
            f"The uncached curve climbs without limit at 100 %, the cached one at "
            f"{capacity:.0%} of the uncached capacity. Times as fast: {', '.join(described)}."
        ),
        table=Table(
            ("load", "uncached ms", "cached ms", "times as fast"),
            [_row(model, hit_ratio, load) for load in _LOADS],
        ),
        svg=panels.stacked(
            [capacity], partial(_draw, works=works), title=title, names=[*_LOOKS], panel=260
        ),
    )


def _row(model: CostModel, hit_ratio: float, load: float) -> list[str]:
    works = services(model, hit_ratio)
    rate = load * works["uncached"].capacity_per_s
    shown = [_shown(mean_response_ms(rate, work)) for work in works.values()]
    gain = gain_at(model, hit_ratio, load)
    return [f"{load:.0%}", *shown, MISSING if gain is None else times(gain)]


def _shown(response_ms: float) -> str:
    return ms(response_ms) if np.isfinite(response_ms) else "grows without end"


def _draw(axes: Axes, capacity: float, *, works: dict[str, ServiceTime]) -> None:
    unit = works["uncached"].capacity_per_s
    ends = []
    for (name, work), end in zip(works.items(), (1.0, capacity), strict=True):
        tone, line = _LOOKS[name]
        loads = np.linspace(_LEAST, _NEARLY * end, _STEPS)
        ys = [mean_response_ms(load * unit, work) for load in loads.tolist()]
        axes.plot(100 * loads, ys, color=TONES[tone].light, linestyle=line, label=name)
        axes.axvline(100 * end, color=TONES["edge"].light, linewidth=1, linestyle=(0, (3, 2)))
        ends += [min(ys), max(ys)]
    panels.log_axis(axes, min(ends), max(ends))
    axes.set_xlim(0, 105 * capacity)
    axes.set_xlabel("arrivals, % of the uncached capacity")
    axes.set_ylabel("mean response, ms (log)")
