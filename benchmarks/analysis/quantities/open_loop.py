"""The results of a load sweep: the offered rates that a variant sustains, and its times there.

At a rate that cannot be sustained the queue grows for as long as one measures, so a latency says
nothing but for how long that was. Hence a point is judged first, by a rule that is fixed here, and
has figures only if it is stable.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.quantities.capacity import US_PER_MS, grouped, paired
from benchmarks.analysis.quantities.pace import (
    CLIENT_CORES,
    LEAST_SERVED,
    generator_lag,
    queue_grows,
)
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.analysis.stats.percentiles import least_values
from benchmarks.storage.records import RateStep

_TAIL = 99

Stability = Literal["stable", "unstable", "generator-limited"]


RateSteps = Mapping[tuple[str, float], Sequence[RateStep]]
"""Steps by variant and offered rate, in the order of the rounds."""


def by_rate(steps: Iterable[RateStep]) -> RateSteps:
    """Group steps; the first group is the one that came first."""
    return grouped(steps, lambda step: (step.variant, step.rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Response times of a stable point, medians over its rounds.

    A p99 is None where a round has too few answers to tell it.
    """

    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float | None
    max_ms: float  # of all rounds
    service_p50_ms: float
    service_p99_ms: float | None
    hit_ratio: float
    service_cores: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint:
    """One variant at one offered rate over all rounds; ``reason`` says why it is not stable."""

    variant: str
    rate: float
    stability: Stability
    reason: str
    figures: Figures | None


RatePoints = Mapping[tuple[str, float], RatePoint]
"""Points by variant and offered rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateComparison:
    """The ratio of the reference's response time to the variant's, at a rate that both sustain.

    Where a ratio is missing, ``reason`` says why.
    """

    rate: float
    reference: str
    variant: str
    p50: Interval | None
    p99: Interval | None
    reason: str


def judge_rates(groups: RateSteps) -> RatePoints:
    """Judge every point over all of its rounds by these rules, the first that applies.

    Generator-limited: the generator was behind its schedule (``generator_lag``), or the client used
    80 % of a core or more on average. Then what arrived is not what was offered, so neither its
    times are known nor whether the variant sustains that rate.

    Unstable: less than 99 % of the arrivals were answered 200 before they were given up; or the
    queue was growing (``queue_grows``): answers of the later half of the steps as a share of its
    arrivals, and the median response of this half over that of the earlier one, in the median over
    rounds.

    Stable: everything else, which is what *sustained* means everywhere.
    """
    return {
        (variant, rate): _point(variant, rate, steps) for (variant, rate), steps in groups.items()
    }


def highest_stable(points: RatePoints, variant: str) -> float | None:
    """Return the highest rate that a variant sustained, with no unstable one below it, if any."""
    own = [point for point in points.values() if point.variant == variant]
    unstable = min((point.rate for point in own if point.stability == "unstable"), default=math.inf)
    return max(
        (point.rate for point in own if point.stability == "stable" and point.rate < unstable),
        default=None,
    )


def compare_rates(
    groups: RateSteps,
    points: RatePoints,
    *,
    reference: str,
    variant: str,
) -> tuple[RateComparison, ...]:
    """Compare two variants at every rate that both were offered, pairing the rounds."""
    rates = sorted(rate for name, rate in points if name == variant and (reference, rate) in points)
    found = []
    for rate in rates:
        pair = [(reference, rate), (variant, rate)]
        reason = _why_no_ratio([points[key] for key in pair])
        p50 = p99 = None
        if not reason:
            steps = [groups[key] for key in pair]
            p50 = _ratio(steps, lambda step: step.p50_us)
            enough = all(_has_p99(each) for each in steps)
            p99 = _ratio(steps, lambda step: step.p99_us) if enough else None
            reason = _what_is_missing(p50, p99)
        found.append(
            RateComparison(
                rate=rate, reference=reference, variant=variant, p50=p50, p99=p99, reason=reason
            )
        )
    return tuple(found)


def _point(variant: str, rate: float, steps: Sequence[RateStep]) -> RatePoint:
    limit = _busy(steps) or _late(steps)
    overload = _unserved(steps) or _growing(steps)
    stability: Stability = "generator-limited" if limit else "unstable" if overload else "stable"
    return RatePoint(
        variant=variant,
        rate=rate,
        stability=stability,
        reason=limit or overload,
        figures=_figures(steps) if stability == "stable" else None,
    )


def _busy(steps: Sequence[RateStep]) -> str:
    cores = statistics.fmean(step.client_cores for step in steps)
    return f"the client used {cores:.0%} of a core" if cores >= CLIENT_CORES else ""


def _late(steps: Sequence[RateStep]) -> str:
    lag = generator_lag(
        [step.lag_p99_us / US_PER_MS for step in steps if step.lag_p99_us is not None],
        median_ms=_median(steps, lambda step: step.p50_us) / US_PER_MS,
    )
    return f"requests were sent {lag.p99_ms:.1f} ms late (p99)" if lag.late else ""


def _unserved(steps: Sequence[RateStep]) -> str:
    arrivals = sum(step.arrivals for step in steps)
    served = sum(step.answered - step.errors for step in steps) / arrivals
    if served >= LEAST_SERVED:
        return ""
    errors = sum(step.errors for step in steps)
    return f"{served:.1%} of the arrivals were answered 200, {errors / arrivals:.1%} otherwise"


def _growing(steps: Sequence[RateStep]) -> str:
    arrivals = sum(step.arrivals_second_half for step in steps)
    more = sum(step.backlog_end - step.backlog_middle for step in steps)
    growths = [
        step.second_half_p50_us / step.first_half_p50_us
        for step in steps
        if step.first_half_p50_us and step.second_half_p50_us
    ]
    growth = statistics.median(growths) if growths else 1.0
    if not arrivals or not queue_grows(served=1 - more / arrivals, growth=growth):
        return ""
    return (
        f"the queue grew by {more / arrivals:.0%} of the arrivals and the median response by "
        f"a factor of {growth:.1f} from the earlier half to the later"
    )


def _figures(steps: Sequence[RateStep]) -> Figures:
    cores = [step.service_cores for step in steps if step.service_cores is not None]
    p99 = _has_p99(steps)
    return Figures(
        mean_ms=_median(steps, lambda step: step.mean_us) / US_PER_MS,
        p50_ms=_median(steps, lambda step: step.p50_us) / US_PER_MS,
        p90_ms=_median(steps, lambda step: step.p90_us) / US_PER_MS,
        p99_ms=_median(steps, lambda step: step.p99_us) / US_PER_MS if p99 else None,
        max_ms=max(step.max_us for step in steps) / US_PER_MS,
        service_p50_ms=_median(steps, lambda step: step.service_p50_us) / US_PER_MS,
        service_p99_ms=_median(steps, lambda step: step.service_p99_us) / US_PER_MS
        if p99
        else None,
        hit_ratio=sum(step.hits for step in steps) / sum(step.answered for step in steps),
        service_cores=statistics.fmean(cores) if cores else None,
    )


def _why_no_ratio(points: Sequence[RatePoint]) -> str:
    for stability, what in (
        ("unstable", "unstable at this rate"),
        ("generator-limited", "limited by the generator at this rate"),
    ):
        names = [point.variant for point in points if point.stability == stability]
        if names:
            return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} {what}"
    return ""


def _what_is_missing(p50: Interval | None, p99: Interval | None) -> str:
    if p50 is None:
        return "too few rounds"
    return "" if p99 else f"a p99 needs {least_values(_TAIL)} answers in every step"


def _ratio(
    pair: Sequence[Sequence[RateStep]], value: Callable[[RateStep], float]
) -> Interval | None:
    reference, variant = ({step.round: value(step) for step in steps} for steps in pair)
    return paired(reference, variant)


def _has_p99(steps: Sequence[RateStep]) -> bool:
    return all(step.answered >= least_values(_TAIL) for step in steps)


def _median(steps: Sequence[RateStep], value: Callable[[RateStep], float]) -> float:
    return statistics.median(value(step) for step in steps)
