"""From the steps of a capacity ladder to its figures."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

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
