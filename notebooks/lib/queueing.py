"""Waiting in line: why a faster answer and more answers are two different gains (METHOD 2.5).

Open: requests come at random (Poisson) whether or not earlier ones were answered, and one server
takes them in their order. With the rate lambda, the service time S and the utilization rho =
lambda E[S], the mean response is (Pollaczek 1930, Khinchine 1932; Kleinrock, "Queueing Systems",
volume 1, 5.6)

    R = E[S] + lambda E[S^2] / (2 (1 - rho))    for rho < 1, and without limit from 1 on.

Closed: N users each wait for an answer, think, and ask again. Whatever the distributions are
(Denning and Buzen, "The operational analysis of queueing network models", ACM Computing Surveys
10, 1978)

    X <= min(N / R_0, 1 / D)

with R_0 the response of a lone request, Z the time to think, and D the time that a request takes
of what is busiest. In both, Little's law: N = X (R + Z) (Operations Research 9, 1961).

Times are milliseconds, rates are per second.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.figure import Figure
from benchmarks.report.figures import MISSING, ms, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels
from benchmarks.report.tones import TONES

_MS_PER_S = 1000.0
_LOADS = (0.1, 0.5, 0.8, 0.95, 1.5)
"""Shares of the rate at which the server would be busy all the time without a cache."""
_LEAST_LOAD, _NEARLY, _STEPS = 0.02, 0.99, 150
_LOOKS = {"uncached": ("gray", (0, (4, 1.5))), "cached": ("blue", "-")}


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """How long a server works on a request: the mean, and C^2 = variance / mean^2.

    C^2 is 0 where all take the same time and 1 for an exponential distribution. Raises
    ``ValueError`` for a mean that is not positive, or a negative C^2.
    """

    mean_ms: float
    variation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.mean_ms > 0 and self.variation >= 0):
            raise ValueError("a service takes more than no time, and its C^2 is 0 or more")

    @classmethod
    def mixture(cls, parts: Iterable[tuple[float, Self]]) -> Self:
        """Return the service of requests that are each of one kind, given as share and service.

        Raises ``ValueError`` for shares that do not add up to 1.
        """
        kinds = list(parts)
        if not math.isclose(sum(share for share, _ in kinds), 1.0):
            raise ValueError("the shares of a mixture have to add up to 1")
        mean_ms = sum(share * each.mean_ms for share, each in kinds)
        square = sum(share * each.square_ms2 for share, each in kinds)
        # A mixture of equals comes out a rounding error below 0.
        return cls(mean_ms, max(0.0, square / mean_ms**2 - 1))

    @property
    def square_ms2(self) -> float:
        """Return E[S^2] in square milliseconds."""
        return self.mean_ms**2 * (1 + self.variation)

    @property
    def capacity_per_s(self) -> float:
        """Return the rate at which the server is never idle: 1 / E[S]."""
        return _MS_PER_S / self.mean_ms


def utilization(rate_per_s: float, service: ServiceTime) -> float:
    """Return rho = lambda E[S], the share of time that the server works; 1 and more is overload.

    Raises ``ValueError`` for a negative rate.
    """
    if not rate_per_s >= 0:
        raise ValueError(f"a rate is 0 or more, not {rate_per_s}")
    return rate_per_s * service.mean_ms / _MS_PER_S


def mean_wait_ms(rate_per_s: float, service: ServiceTime) -> float:
    """Return how long a request waits before its service, infinite for a server that is overloaded.

    The queue of such a server only grows: no mean exists, and what one measures says how long one
    has measured.
    """
    busy = utilization(rate_per_s, service)
    if busy >= 1:
        return math.inf
    return rate_per_s / _MS_PER_S * service.square_ms2 / (2 * (1 - busy))


def mean_response_ms(rate_per_s: float, service: ServiceTime) -> float:
    """Return R, the wait and the service."""
    return service.mean_ms + mean_wait_ms(rate_per_s, service)


def closed_bound_per_s(users: float, *, response_ms: float, bottleneck_ms: float) -> float:
    """Return the most answers per second that so many users can get: min(N / R_0, 1 / D).

    Raises ``ValueError`` for times that are not positive.
    """
    if not (response_ms > 0 and bottleneck_ms > 0):
        raise ValueError("an answer takes time, and so does its part at the bottleneck")
    return _MS_PER_S * min(users / response_ms, 1 / bottleneck_ms)


def users_at_knee(*, response_ms: float, bottleneck_ms: float) -> float:
    """Return how many users it takes to meet both bounds; with more, they wait for each other."""
    return response_ms / bottleneck_ms


def response_by_little_ms(users: float, *, rate_per_s: float) -> float:
    """Return the mean response R = N / X of so many users who get so many answers per second.

    Raises ``ValueError`` for a rate that is not positive.
    """
    if not rate_per_s > 0:
        raise ValueError("where nobody is answered there is no response time")
    return _MS_PER_S * users / rate_per_s


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


def make_gain(model: CostModel, hit_ratio: float, *, whose: str) -> Figure:
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
        loads = np.linspace(_LEAST_LOAD, _NEARLY * end, _STEPS)
        ys = [mean_response_ms(load * unit, work) for load in loads.tolist()]
        axes.plot(100 * loads, ys, color=TONES[tone].light, linestyle=line, label=name)
        axes.axvline(100 * end, color=TONES["edge"].light, linewidth=1, linestyle=(0, (3, 2)))
        ends += [min(ys), max(ys)]
    panels.log_axis(axes, min(ends), max(ends))
    axes.set_xlim(0, 105 * capacity)
    axes.set_xlabel("arrivals, % of the uncached capacity")
    axes.set_ylabel("mean response, ms (log)")
