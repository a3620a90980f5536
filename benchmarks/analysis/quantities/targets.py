"""What the cached service is meant to reach, judged by the interval over rounds."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.verdict import CONFIDENCE, Bound, within_bound
from benchmarks.analysis.quantities.capacity import (
    SweepPoints,
    by_round,
    misses,
    paired,
)
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.storage.records import SweepStep

Statistic = Literal["rate", "p50", "tail"]
Decision = Bound | Literal["not measured"]

_VALUES: dict[Statistic, Callable[[SweepStep], float]] = {
    "rate": lambda step: step.rate,
    "p50": lambda step: step.p50_us,
    "tail": lambda step: step.p99_us,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceTarget:
    """A bound on the ratio ``variant`` / ``against`` of a statistic at so many connections.

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
