"""Latency is not capacity: the rate that so many connections get, below its two bounds.

Whatever the distributions are (Denning and Buzen, "The operational analysis of queueing network
models", ACM Computing Surveys 10, 1978), X <= min(N / R_0, 1 / D), with R_0 the response of a lone
request and D the time that a request takes of what is busiest; and N = X R (Little, Operations
Research 9, 1961). Times are milliseconds, rates are per second.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import count
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, variants_of
from benchmarks.report.tones import TONES

_MEASURED, _BOUND = "measured", "bound"
_POINT = TONES["blue"].light
_STEPS = 120


def closed_bound_per_s(users: float, *, response_ms: float, bottleneck_ms: float) -> float:
    """Return the most answers per second that so many users can get: min(N / R_0, 1 / D).

    Raises ``ValueError`` for times that are not positive.
    """
    if not (response_ms > 0 and bottleneck_ms > 0):
        raise ValueError("an answer takes time, and so does its part at the bottleneck")
    return MS_PER_S * min(users / response_ms, 1 / bottleneck_ms)


def users_at_knee(*, response_ms: float, bottleneck_ms: float) -> float:
    """Return how many users it takes to meet both bounds; with more, they wait for each other."""
    return response_ms / bottleneck_ms


def response_by_little_ms(users: float, *, rate_per_s: float) -> float:
    """Return the mean response R = N / X of so many users who get so many answers per second.

    Raises ``ValueError`` for a rate that is not positive.
    """
    if not rate_per_s > 0:
        raise ValueError("without answers there is no response time")
    return MS_PER_S * users / rate_per_s


@dataclass(frozen=True, slots=True)
class ClosedSystem:
    """A variant in a closed sweep: the rates of its rounds by connections."""

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
    for variant in variants_of(results.steps):
        rates: dict[int, list[float]] = {}
        own = [step for step in results.steps if step.variant == variant]
        for step in own:
            rates.setdefault(step.connections, []).append(step.requests / step.seconds)
        spent = [
            MS_PER_S * step.service_cores * step.seconds / step.requests
            for step in own
            if step.service_cores is not None
        ]
        found.append(ClosedSystem(variant, rates, min(spent, default=None)))
    return found


def make_closed(results: Results) -> Figure | None:
    """Draw the rate that so many connections get, below its two bounds."""
    sweep = [each for each in loops(results) if each.processor_ms]
    if not sweep:
        return None
    return panels.figure(
        sweep,
        _draw_closed,
        name="closed-loop",
        title="Requests per second by connections",
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
        names=[_MEASURED, _BOUND],
    )


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
    axes.set(xlabel="connections (log)", ylabel="per second (log)")
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
