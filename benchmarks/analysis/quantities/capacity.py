"""From the steps of a sweep of connections to its figures, and the targets of the fast path."""

import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.verdict import CONFIDENCE, Bound, within_bound
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    mean_interval,
    paired_log_interval,
)
from benchmarks.storage.records import SweepStep

LEAST_HIT_RATIO = 0.99
"""With fewer hits a step does not show what a hit costs."""

US_PER_MS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One variant with one number of connections, over all rounds.

    The latencies are medians of the rounds' percentiles, the rates a mean with its 95 % interval
    over rounds (None for a single round) and every round's own.
    """

    variant: str
    connections: int
    rate: float
    rate_interval: Interval | None
    rates: tuple[float, ...]
    p50_ms: float
    p99_ms: float
    hit_ratio: float
    service_cores: float | None
    client_cores: float
    client_limited: bool
    speedup: Interval | None
    of_ceiling: Interval | None


SweepPoints = Mapping[tuple[str, int], Sequence[SweepStep]]
"""Steps by variant and number of connections, in the order of the rounds."""


def by_connections(steps: Iterable[SweepStep]) -> SweepPoints:
    """Group steps; the first point of all is the one that came first."""
    groups: dict[tuple[str, int], list[SweepStep]] = {}
    for step in sorted(steps, key=lambda step: step.round):
        groups.setdefault((step.variant, step.connections), []).append(step)
    return groups


def summarise_sweep(
    points: SweepPoints, *, variants: Sequence[str], ceiling: str | None
) -> tuple[SweepPoint, ...]:
    """Return the figures of every point, by variant and then by connections.

    The first variant is the reference. Ratios are of the steps of the same round, which were
    measured next to each other.
    """
    found = []
    for variant in variants:
        for connections in sorted(each for name, each in points if name == variant):
            own = by_round(points[variant, connections], _rate)
            reference = by_round(points.get((variants[0], connections), ()), _rate)
            top = by_round(points.get((ceiling or "", connections), ()), _rate)
            found.append(
                _point(
                    points[variant, connections],
                    speedup=paired(own, reference) if variant != variants[0] else None,
                    of_ceiling=paired(own, top) if variant != ceiling else None,
                )
            )
    return tuple(found)


def misses(step: SweepStep) -> bool:
    """Tell whether more than a few of a step's answers were no hits."""
    return step.hits < LEAST_HIT_RATIO * step.requests


def by_round(
    steps: Iterable[SweepStep], value: Callable[[SweepStep], float]
) -> Mapping[int, float]:
    """Return a value of each round's step."""
    return {step.round: value(step) for step in steps}


def paired(
    own: Mapping[int, float], against: Mapping[int, float], *, confidence: float = 0.95
) -> Interval | None:
    """Return the ratio ``own`` / ``against`` over the rounds that have both, with its interval.

    None for fewer than two such rounds.
    """
    rounds = sorted(own.keys() & against.keys())
    if len(rounds) < LEAST_OBSERVATIONS:
        return None
    return paired_log_interval(
        [own[each] for each in rounds], [against[each] for each in rounds], confidence=confidence
    )


def _point(
    steps: Sequence[SweepStep], *, speedup: Interval | None, of_ceiling: Interval | None
) -> SweepPoint:
    rates = tuple(step.rate for step in steps)
    cores = [step.service_cores for step in steps if step.service_cores is not None]
    return SweepPoint(
        variant=steps[0].variant,
        connections=steps[0].connections,
        rate=statistics.fmean(rates),
        rate_interval=mean_interval(rates) if len(rates) >= LEAST_OBSERVATIONS else None,
        rates=rates,
        p50_ms=statistics.median(step.p50_us for step in steps) / US_PER_MS,
        p99_ms=statistics.median(step.p99_us for step in steps) / US_PER_MS,
        hit_ratio=sum(step.hits for step in steps) / sum(step.requests for step in steps),
        service_cores=statistics.fmean(cores) if cores else None,
        client_cores=statistics.fmean(step.client_cores for step in steps),
        client_limited=any(step.client_cores > CLIENT_CORES for step in steps),
        speedup=speedup,
        of_ceiling=of_ceiling,
    )


def _rate(step: SweepStep) -> float:
    return step.rate


Statistic = Literal["rate", "p50", "tail"]
Decision = Bound | Literal["not measured"]

_VALUES: dict[Statistic, Callable[[SweepStep], float]] = {
    "rate": lambda step: step.rate,
    "p50": lambda step: step.p50_us,
    "tail": lambda step: step.p99_us,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTarget:
    """A bound on the ratio ``variant`` / ``against`` of a statistic at a number of connections.

    For the ``tail`` it is the variant's own p99 over its p50, and nothing to compare it with.
    """

    text: str
    statistic: Statistic
    connections: int
    kind: Literal["at_least", "at_most"]
    bound: float
    variant: str = "cached"
    against: str | None = None


TARGETS: tuple[PerformanceTarget, ...] = (
    *(
        PerformanceTarget(
            text=f"requests/s at least {bound:g}x {against}",
            statistic="rate",
            connections=8,
            kind="at_least",
            bound=bound,
            against=against,
        )
        for against, bound in (("static", 0.75), ("uncached", 5), ("cashews", 5), ("aiocache", 5))
    ),
    PerformanceTarget(
        text="p99 of hits at most 4x their p50",
        statistic="tail",
        connections=8,
        kind="at_most",
        bound=4,
    ),
    PerformanceTarget(
        text="p50 of hits at most 2x static's",
        statistic="p50",
        connections=1,
        kind="at_most",
        bound=2,
        against="static",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFinding:
    """One target, what was measured, and what follows; the interval is at ``CONFIDENCE``."""

    target: PerformanceTarget
    measured: Interval | None
    decision: Decision
    reason: str = ""


def judge_targets(
    points: SweepPoints,
    *,
    uncached: Collection[str],
    failed: Iterable[str] = (),
    targets: Iterable[PerformanceTarget] = TARGETS,
) -> tuple[TargetFinding, ...]:
    """Judge every target: held when the whole interval is on its side, not held when none of it.

    ``failed`` names checks that failed: nothing is decided then. Nor is it by steps in which the
    client may have been the limit, or in which a variant missed that is not one of ``uncached``.
    """
    because = ", ".join(failed)
    return tuple(_judge(target, points, uncached, because) for target in targets)


def _judge(
    target: PerformanceTarget, points: SweepPoints, uncached: Collection[str], failed: str
) -> TargetFinding:
    own = points.get((target.variant, target.connections), ())
    other = points.get((target.against or target.variant, target.connections), ())
    if not own or not other:
        return TargetFinding(target=target, measured=None, decision="not measured")
    value = _VALUES[target.statistic]
    base = _VALUES["p50"] if target.statistic == "tail" else value
    measured = paired(by_round(own, value), by_round(other, base), confidence=CONFIDENCE)
    reason = f"failed: {failed}" if failed else _why_not([*own, *other], uncached)
    if measured is None:
        reason = reason or "too few rounds"
    if measured is None or reason:
        return TargetFinding(target=target, measured=measured, decision="undecided", reason=reason)
    bounds = {"least" if target.kind == "at_least" else "most": target.bound}
    return TargetFinding(
        target=target, measured=measured, decision=within_bound(measured, **bounds)
    )


def _why_not(steps: Sequence[SweepStep], uncached: Collection[str]) -> str:
    if any(step.client_cores > CLIENT_CORES for step in steps):
        return "the client may have been the limit"
    if any(step.variant not in uncached and misses(step) for step in steps):
        return "not all were hits"
    return ""
