"""Latency is not capacity: a sweep of connections and one of rates on what queues predict."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from benchmarks.report.figure import Figure
from benchmarks.report.figures import count, ms
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, variants_of
from benchmarks.report.results import Results
from benchmarks.report.tones import TONES
from notebooks.lib.queueing import (
    ServiceTime,
    closed_bound_per_s,
    mean_wait_ms,
    response_by_little_ms,
)

_MS_PER_S, _US_PER_MS = 1000.0, 1000.0
_REGULAR, _RANDOM = 0.0, 1.0
"""C^2 of a service that always takes the same time, and of an exponential one."""
_MEASURED, _BOUND, _LATE = "measured", "bound", "measured, generator late"
_PREDICTED = "foreseen, regular to random service"
_POINT = TONES["blue"].light
_NEARLY = 0.99
_STEPS = 120


@dataclass(frozen=True, slots=True)
class ClosedSystem:
    """What a closed sweep says of a variant: the rates of its rounds by connections."""

    variant: str
    rates: Mapping[int, Sequence[float]]
    processor_ms: float | None
    """The least processor time that a request took of the service, None where it was not read."""

    @property
    def lone_ms(self) -> float:
        """Return R_0, the response at the fewest connections, by Little's law."""
        fewest = min(self.rates)
        return response_by_little_ms(fewest, rate_per_s=statistics.median(self.rates[fewest]))

    @property
    def most_per_s(self) -> float:
        """Return the highest rate, as the median over the rounds."""
        return max(statistics.median(rates) for rates in self.rates.values())


def loops(results: Results) -> list[ClosedSystem]:
    """Return the closed sweep of each variant, none for a run without one."""
    found = []
    for variant in variants_of(results.get("steps", ())):
        rates: dict[int, list[float]] = {}
        own = [step for step in results["steps"] if step["variant"] == variant]
        for step in own:
            rates.setdefault(step["connections"], []).append(step["requests"] / step["seconds"])
        spent = [
            _MS_PER_S * step["service_cores"] * step["seconds"] / step["requests"]
            for step in own
            if step["service_cores"] is not None
        ]
        found.append(ClosedSystem(variant, rates, min(spent, default=None)))
    return found


def make_closed(results: Results) -> Figure | None:
    """Draw the rate that so many connections get, below its two bounds."""
    sweep = [each for each in loops(results) if each.processor_ms]
    if not sweep:
        return None
    title = "Requests per second by connections"
    return Figure(
        name="closed-loop",
        title=title,
        caption=(
            "Warm reads; each connection asks again as soon as it is answered. Points: every "
            "round. Line: the bound of Denning and Buzen, N connections over the time of a lone "
            "request, until one processor has no time left for more (the least that a request "
            "took of the service's process). A variant that stays far below the flat part waits "
            "for something other than the service. Both scales are logarithmic."
        ),
        alt=f"{'; '.join(map(_described, sweep))}.",
        table=Table(
            ("variant", "connections", "round", "per s", "bound per s"),
            [row for each in sweep for row in _closed_rows(each)],
        ),
        svg=panels.stacked(sweep, _draw_closed, title=title, names=[_MEASURED, _BOUND]),
    )


def make_open(results: Results) -> Figure | None:
    """Draw the mean response by the rate of arrivals on what one server would give."""
    sweep = {each.variant: each for each in loops(results)}
    points = [point for point in _levels(results) if point["variant"] in sweep]
    if not points:
        return None
    title = "Response time by rate, foreseen and measured"
    chosen = [sweep[name] for name in variants_of(points)]
    return Figure(
        name="open-loop",
        title=title,
        caption=(
            "Mean response to warm reads that arrive at random. Band: a lone request's time plus "
            "the wait that Pollaczek and Khinchine give for one server of the highest rate that "
            "the closed loop reached (the vertical line), with a service that is regular at its "
            "lower and exponential at its upper edge; nothing is fitted to the points. Rings: "
            "rounds in which the generator itself was late, which are not judged. A queue that "
            "only grew has no mean and no point. Both scales are logarithmic."
        ),
        alt=f"{'; '.join(_open_described(each, points) for each in chosen)}.",
        table=Table(
            ("variant", "rate per s", "round", "stability", "mean ms", "foreseen ms", "to ms"),
            [_open_row(sweep[point["variant"]], point) for point in points],
        ),
        svg=panels.stacked(
            chosen,
            partial(_draw_open, points=points),
            title=title,
            names=[_PREDICTED, _MEASURED, _LATE],
            panel=230,
        ),
    )


def predicted_ms(loop: ClosedSystem, rate: float) -> tuple[float, float]:
    """Return the mean response of one server at a rate, for regular and for random service."""
    mean_ms = _MS_PER_S / loop.most_per_s
    waits = (mean_wait_ms(rate, ServiceTime(mean_ms, each)) for each in (_REGULAR, _RANDOM))
    regular, at_random = (loop.lone_ms + wait for wait in waits)
    return regular, at_random


def _draw_closed(axes: Axes, loop: ClosedSystem) -> None:
    users = sorted(loop.rates)
    bounds = [_bound(loop, each) for each in np.geomspace(users[0], users[-1], _STEPS).tolist()]
    points = [(each, rate) for each in users for rate in loop.rates[each]]
    axes.plot(*zip(*points, strict=True), "o", color=_POINT, label=_MEASURED)
    xs = np.geomspace(users[0], users[-1], _STEPS)
    axes.plot(xs, bounds, color=style.EDGE, label=_BOUND)
    panels.log_axis(axes, min(rate for _, rate in points), max(bounds))
    panels.log_axis(axes, users[0], users[-1], vertical=False)
    style.ticks(axes.xaxis, users)
    axes.set_xlabel("connections (log)")
    axes.set_ylabel("per second (log)")
    style.heading(axes, loop.variant)


def _bound(loop: ClosedSystem, users: float) -> float:
    return closed_bound_per_s(
        users, response_ms=loop.lone_ms, bottleneck_ms=loop.processor_ms or loop.lone_ms
    )


def _closed_rows(loop: ClosedSystem) -> Iterator[list[str]]:
    for users, rates in sorted(loop.rates.items()):
        for number, rate in enumerate(rates):
            yield [loop.variant, str(users), str(number), cell(rate), cell(_bound(loop, users))]


def _described(loop: ClosedSystem) -> str:
    first, last = (loop.rates[each] for each in (min(loop.rates), max(loop.rates)))
    return (
        f"{loop.variant}: {count(round(statistics.median(first)))} per second at "
        f"{_connections(min(loop.rates))}, {count(round(statistics.median(last)))} at "
        f"{max(loop.rates)}, bound {count(round(_bound(loop, max(loop.rates))))}"
    )


def _connections(number: int) -> str:
    return f"{number} connection{'s' * (number != 1)}"


def _levels(results: Results) -> list[Entry]:
    """Return each round of the rates that were sustained, or where the generator was late."""
    found = results.get("open_loop") or {"points": (), "highest_sustained": {}}
    # One above a rate that was not sustained was luck.
    stability = {
        (level["variant"], level["rate"]): level["stability"]
        for level in found["points"]
        if level["stability"] != "unstable"
        and level["rate"] <= (found["highest_sustained"][level["variant"]] or 0)
    }
    steps = [
        {**step, "stability": stability[step["variant"], step["rate"]]}
        for step in results.get("rates", ())
        if (step["variant"], step["rate"]) in stability
    ]
    return sorted(steps, key=lambda step: (step["variant"], step["rate"], step["round"]))


def _draw_open(axes: Axes, loop: ClosedSystem, *, points: Sequence[Entry]) -> None:
    own = [point for point in points if point["variant"] == loop.variant]
    xs = np.geomspace(own[0]["rate"], _NEARLY * loop.most_per_s, _STEPS).tolist()
    low, high = zip(*(predicted_ms(loop, x) for x in xs), strict=True)
    axes.fill_between(xs, low, high, color=TONES["sky"].light, alpha=0.45, label=_PREDICTED)
    for name, stable in ((_MEASURED, True), (_LATE, False)):
        chosen = [each for each in own if (each["stability"] == "stable") == stable]
        axes.plot(
            [each["rate"] for each in chosen],
            [each["mean_us"] / _US_PER_MS for each in chosen],
            "o",
            color=_POINT,
            markerfacecolor=_POINT if stable else "none",
            label=name,
        )
    axes.axvline(loop.most_per_s, color=style.EDGE, linewidth=1, linestyle=(0, (3, 2)))
    values = [*low, *high, *(each["mean_us"] / _US_PER_MS for each in own)]
    panels.log_axis(axes, min(values), max(values))
    panels.log_axis(axes, xs[0], loop.most_per_s, vertical=False)
    axes.set_xlabel("arrivals per second (log)")
    axes.set_ylabel("ms (log)")
    style.heading(axes, loop.variant)


def _open_row(loop: ClosedSystem, point: Entry) -> list[str]:
    names = (point["variant"], point["rate"], point["round"], point["stability"])
    low, high = predicted_ms(loop, point["rate"])
    return [*map(cell, names), cell(point["mean_us"] / _US_PER_MS), cell(low), cell(high)]


def _open_described(loop: ClosedSystem, points: Sequence[Entry]) -> str:
    own = [point for point in points if point["variant"] == loop.variant]
    last = own[-1]
    measured = ms(last["mean_us"] / _US_PER_MS)
    return (
        f"{loop.variant}: {ms(own[0]['mean_us'] / _US_PER_MS)} ms at {own[0]['rate']:g} per "
        f"second, {measured} ms at {last['rate']:g}, the closed loop reached "
        f"{count(round(loop.most_per_s))}"
    )
