"""From the steps of a sweep of connections to its figures, and the targets of the fast path."""

import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeVar

from benchmarks.analysis.claims.verdict import Bound, within_bound
from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    nested_log_interval,
)
from benchmarks.analysis.stats.percentiles import mean
from benchmarks.storage.plain import added
from benchmarks.storage.records import RateStep, SweepStep

LEAST_HIT_RATIO = 0.99
"""With fewer hits a step does not show what a hit costs."""

US_PER_MS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One variant with one number of connections, over all rounds.

    The latencies are medians of the rounds' percentiles, the rate is a mean.
    """

    variant: str
    connections: int
    rate: float
    p50_ms: float
    p99_ms: float
    hit_ratio: float
    service_cores: float | None
    client_cores: float
    client_limited: bool
    speedup: Interval | None
    of_ceiling: Interval | None
    redis_cores: float | None = added(None)
    database_cores: float | None = added(None)


_Step = TypeVar("_Step", SweepStep, RateStep)
_Key = TypeVar("_Key")


def grouped(steps: Iterable[_Step], key: Callable[[_Step], _Key]) -> dict[_Key, list[_Step]]:
    """Group steps, each group by rounds; the first group is the one that came first."""
    groups: dict[_Key, list[_Step]] = {}
    for step in sorted(steps, key=lambda step: step.round):
        groups.setdefault(key(step), []).append(step)
    return groups


def summarise_sweep(
    steps: Iterable[SweepStep], *, variants: Sequence[str], ceiling: str | None
) -> tuple[SweepPoint, ...]:
    """Return the figures of every point of hits, by variant and then by connections.

    The first variant is the reference. Ratios are of the steps of the same round, which were
    measured next to each other.
    """
    points = grouped(
        (step for step in steps if step.asks == "hit"),
        lambda step: (step.variant, step.connections),
    )
    found = []
    for variant in variants:
        for connections in sorted(each for name, each in points if name == variant):
            own = by_round(points[variant, connections], _VALUES["rate"])
            reference = by_round(points.get((variants[0], connections), ()), _VALUES["rate"])
            top = by_round(points.get((ceiling or "", connections), ()), _VALUES["rate"])
            found.append(
                _point(
                    points[variant, connections],
                    speedup=paired(own, reference) if variant != variants[0] else None,
                    of_ceiling=paired(own, top) if variant != ceiling else None,
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCost:
    """The cost of a request over one connection: mean, and the ratio to the reference's.

    The ratio is over the rounds that have both, None for the reference and for fewer than two.
    ``core_ms`` is the processor time of the service, ``redis_core_ms`` and ``database_core_ms``
    that of the servers; None where it cannot be read.
    """

    variant: str
    asks: str
    mean_ms: float
    core_ms: float | None
    to_reference: Interval | None
    redis_core_ms: float | None = added(None)
    database_core_ms: float | None = added(None)


def request_costs(
    steps: Sequence[SweepStep], *, variants: Sequence[str]
) -> tuple[RequestCost, ...]:
    """Return what was measured over one connection, by variant; the first is the reference."""
    alone = [step for step in steps if step.connections == 1]
    groups = grouped(alone, lambda step: (step.variant, step.asks))
    return tuple(
        _request_cost(own, groups.get((variants[0], asks), ()))
        for variant, asks in product(variants, ("hit", "miss", "write"))
        if (own := groups.get((variant, asks)))
    )


def _request_cost(own: Sequence[SweepStep], reference: Sequence[SweepStep]) -> RequestCost:
    times_s, against_s = (by_round(each, _VALUES["time"]) for each in (own, reference))
    mean_ms = statistics.fmean(times_s.values()) * MS_PER_S
    core_ms, redis_core_ms, database_core_ms = (
        _core_ms((getattr(step, f"{process}_cores") for step in own), mean_ms)
        for process in ("service", "redis", "database")
    )
    return RequestCost(
        variant=own[0].variant,
        asks=own[0].asks,
        mean_ms=mean_ms,
        core_ms=core_ms,
        redis_core_ms=redis_core_ms,
        database_core_ms=database_core_ms,
        to_reference=None if own is reference else paired(times_s, against_s),
    )


def _core_ms(cores: Iterable[float | None], mean_ms: float) -> float | None:
    """Return what a request takes of a process that was so busy while requests took so long."""
    busy = mean(cores)
    return None if busy is None else busy * mean_ms


def faults(step: SweepStep, uncached: Collection[str]) -> list[str]:
    """Return the checks that a step fails; variants in ``uncached`` cannot hit."""
    hits = step.asks != "hit" or step.variant in uncached
    found = {
        "errors": step.errors > 0,
        "hits": not hits and step.hits < LEAST_HIT_RATIO * step.requests,
        "client": step.client_cores > CLIENT_CORES,
    }
    return [name for name, failed in found.items() if failed]


def by_round(
    steps: Iterable[SweepStep], value: Callable[[SweepStep], float]
) -> Mapping[int, float]:
    """Return a value of each round's step, of several the highest."""
    found: dict[int, float] = {}
    for step in steps:
        found[step.round] = max(value(step), found.get(step.round, 0.0))
    return found


def paired(own: Mapping[int, float], against: Mapping[int, float]) -> Interval | None:
    """Return the ratio ``own`` / ``against`` over the rounds that have both, with its interval.

    None for fewer than two such rounds.
    """
    rounds = sorted(own.keys() & against.keys())
    if len(rounds) < LEAST_OBSERVATIONS:
        return None
    return nested_log_interval(
        [[own[each] for each in rounds]], [[against[each] for each in rounds]]
    )


def _point(
    steps: Sequence[SweepStep], *, speedup: Interval | None, of_ceiling: Interval | None
) -> SweepPoint:
    return SweepPoint(
        variant=steps[0].variant,
        connections=steps[0].connections,
        rate=statistics.fmean(step.rate for step in steps),
        p50_ms=statistics.median(step.p50_us for step in steps) / US_PER_MS,
        p99_ms=statistics.median(step.p99_us for step in steps) / US_PER_MS,
        hit_ratio=sum(step.hits for step in steps) / sum(step.requests for step in steps),
        service_cores=mean(step.service_cores for step in steps),
        redis_cores=mean(step.redis_cores for step in steps),
        database_cores=mean(step.database_cores for step in steps),
        client_cores=statistics.fmean(step.client_cores for step in steps),
        client_limited=any(step.client_cores > CLIENT_CORES for step in steps),
        speedup=speedup,
        of_ceiling=of_ceiling,
    )


Statistic = Literal["rate", "p50", "time", "tail"]
Decision = Literal[Bound, "not measured"]

_VALUES: dict[Statistic, Callable[[SweepStep], float]] = {
    "rate": lambda step: step.rate,
    "p50": lambda step: step.p50_us,
    "time": lambda step: 1 / step.rate,
    "tail": lambda step: step.p99_us,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTarget:
    """A bound on the ratio ``variant`` / ``against`` of a statistic at a number of connections.

    Of several in ``against`` it is the one with the highest value. For the ``tail`` it is the
    variant's own p99 over its p50, and nothing to compare it with; ``time`` is the mean of what a
    request took.
    """

    text: str
    statistic: Statistic
    connections: int
    kind: Literal["at_least", "at_most"]
    bound: float
    variant: str = "cached"
    against: tuple[str, ...] = ()
    asks: str = "hit"


LIBRARIES = ("cashews", "aiocache", "fastapi-redis-sdk")


def _rate(bound: float, name: str, *against: str) -> PerformanceTarget:
    return PerformanceTarget(
        text=f"requests/s of hits at least {bound:g}x {name}",
        statistic="rate",
        connections=8,
        kind="at_least",
        bound=bound,
        against=against,
    )


def _tail(connections: int) -> PerformanceTarget:
    return PerformanceTarget(
        text="p99 of hits at most 3x their p50",
        statistic="tail",
        connections=connections,
        kind="at_most",
        bound=3,
    )


def _cost(asks: str, bound: float) -> PerformanceTarget:
    return PerformanceTarget(
        text=f"a {asks} takes at most {bound:g}x what uncached takes",
        statistic="time",
        connections=1,
        kind="at_most",
        bound=bound,
        against=("uncached",),
        asks=asks,
    )


TARGETS: tuple[PerformanceTarget, ...] = (
    _rate(1.3, "static, a FastAPI route of the same bytes", "static"),
    _rate(0.45, "bare, uvicorn without a framework", "bare"),
    _rate(2.5, "the fastest library", *LIBRARIES),
    _rate(2, "naive, the tutorial's pattern", "naive"),
    PerformanceTarget(
        text="p50 of hits at most 1.3x static's",
        statistic="p50",
        connections=1,
        kind="at_most",
        bound=1.3,
        against=("static",),
    ),
    _tail(1),
    _tail(8),
    _cost("miss", 1.15),
    _cost("write", 1.1),
)
"""The targets of the fast path on a quiet machine, measured in one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFinding:
    """One target, what was measured, and what follows."""

    target: PerformanceTarget
    measured: Interval | None
    decision: Decision
    reason: str = ""


def judge_targets(
    steps: Sequence[SweepStep],
    *,
    uncached: Collection[str],
    failed: Collection[str] = (),
    targets: Iterable[PerformanceTarget] = TARGETS,
) -> tuple[TargetFinding, ...]:
    """Judge every target: held when the whole interval is on its side, not held when none of it.

    ``failed`` names checks that void everything. Steps with ``faults`` decide nothing either.
    """
    return tuple(_judge(target, steps, uncached, failed) for target in targets)


def behind(
    target: PerformanceTarget, steps: Iterable[SweepStep]
) -> tuple[list[SweepStep], list[SweepStep]]:
    """Return the steps that a target is judged by: the variant's, and those it is held against."""
    asked = [
        step for step in steps if (step.connections, step.asks) == (target.connections, target.asks)
    ]
    against = target.against or (target.variant,)
    return (
        [step for step in asked if step.variant == target.variant],
        [step for step in asked if step.variant in against],
    )


def _judge(
    target: PerformanceTarget,
    steps: Iterable[SweepStep],
    uncached: Collection[str],
    failed: Collection[str],
) -> TargetFinding:
    own, other = behind(target, steps)
    if not own or {step.variant for step in other} < set(target.against):
        return TargetFinding(target=target, measured=None, decision="not measured")
    value = _VALUES[target.statistic]
    base = _VALUES["p50"] if target.statistic == "tail" else value
    measured = paired(by_round(own, value), by_round(other, base))
    wrong = [fault for step in [*own, *other] for fault in faults(step, uncached)]
    reason = "" if measured else "too few rounds"
    if wrong or failed:
        reason = f"failed: {', '.join(dict.fromkeys([*failed, *wrong]))}"
    if measured is None or reason:
        return TargetFinding(target=target, measured=measured, decision="undecided", reason=reason)
    bounds = {"least" if target.kind == "at_least" else "most": target.bound}
    return TargetFinding(
        target=target, measured=measured, decision=within_bound(measured, **bounds)
    )
