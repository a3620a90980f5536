"""The results of a load sweep: the offered rates that a variant sustains, and its times there.

At a rate that cannot be sustained the queue grows for as long as one measures, so a latency says
nothing but for how long that was. Hence a point is judged first, by a rule that is fixed here, and
has figures only if it is stable.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.quantities.capacity import US_PER_MS, grouped
from benchmarks.analysis.quantities.pace import (
    CLIENT_CORES,
    LEAST_SERVED,
    generator_lag,
    queue_grows,
)
from benchmarks.analysis.stats.percentiles import least_values
from benchmarks.storage.records import RateStep

_TAIL = 99

Stability = Literal["stable", "unstable", "generator-limited"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Response times of a stable point, medians over its rounds.

    A p99 is None where a round has too few answers to tell it.
    """

    p50_ms: float
    p99_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint:
    """One variant at one offered rate over all rounds; ``reason`` says why it is not stable."""

    variant: str
    rate: float
    stability: Stability
    reason: str
    figures: Figures | None


def judge_rates(steps: Iterable[RateStep]) -> tuple[RatePoint, ...]:
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
    groups = grouped(steps, lambda step: (step.variant, step.rate))
    return tuple(_point(variant, rate, own) for (variant, rate), own in groups.items())


def highest_stable(points: Iterable[RatePoint], variant: str) -> float | None:
    """Return the highest rate that a variant sustained, with no unstable one below it, if any."""
    own = [point for point in points if point.variant == variant]
    unstable = min((point.rate for point in own if point.stability == "unstable"), default=math.inf)
    return max(
        (point.rate for point in own if point.stability == "stable" and point.rate < unstable),
        default=None,
    )


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
    tells = all(step.answered >= least_values(_TAIL) for step in steps)
    return Figures(
        p50_ms=_median(steps, lambda step: step.p50_us) / US_PER_MS,
        p99_ms=_median(steps, lambda step: step.p99_us) / US_PER_MS if tells else None,
    )


def _median(steps: Sequence[RateStep], value: Callable[[RateStep], float]) -> float:
    return statistics.median(value(step) for step in steps)
