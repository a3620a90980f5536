"""The conditions without which the figures of a load sweep mean nothing."""

from collections.abc import Collection, Iterable, Sequence

from benchmarks.analysis.checks.answers import stand_in
from benchmarks.analysis.checks.check import ADVICE_ON_HITS, Check, wrong_if
from benchmarks.analysis.quantities.capacity import (
    LEAST_HIT_RATIO,
    PerformanceTarget,
    behind,
    misses,
)
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.storage.records import SweepStep

_SCENARIO, _REGIME = "capacity", "native"


def judge_steps(
    steps: Sequence[SweepStep], *, uncached: Collection[str], redis_measures_latency: bool = True
) -> list[Check]:
    """Check all steps: answers, hits, and the Redis where it is none.

    ``uncached`` names the variants that cannot hit.
    """
    checks = [_errors(steps), _hits(steps, uncached)]
    return checks if redis_measures_latency else [*checks, stand_in(_SCENARIO, _REGIME)]


def client(steps: Sequence[SweepStep], targets: Iterable[PerformanceTarget]) -> Check:
    """Check that the client was not the limit in a step that a target is judged by."""
    judged = [step for target in targets for part in behind(target, steps) for step in part]
    busy = {
        f"{step.variant} at {step.connections}": step
        for step in judged
        if step.client_cores > CLIENT_CORES
    }
    seen = ", ".join(busy)
    return _check(
        "client",
        wrong=seen and f"more than {CLIENT_CORES:.0%} of a core: {seen}",
        right=f"at most {CLIENT_CORES:.0%} of a core in every step that is judged",
        advice="free the machine: the client had to be waited for",
    )


def _errors(steps: Sequence[SweepStep]) -> Check:
    seen = ", ".join(f"{step.errors} from {step.variant}" for step in steps if step.errors)
    return _check(
        "errors",
        wrong=seen and f"answers other than 200: {seen}",
        right=f"all {sum(step.requests for step in steps)} answers are 200",
        advice="look into the logs folder of the run",
    )


def _hits(steps: Sequence[SweepStep], uncached: Collection[str]) -> Check:
    seen = ", ".join(
        f"{step.hits / step.requests:.2f} of {step.variant} at {step.connections}"
        for step in steps
        if step.variant not in uncached and misses(step)
    )
    return _check(
        "hits",
        wrong=seen and f"hit ratio below {LEAST_HIT_RATIO}: {seen}",
        right=f"hit ratio of what caches at least {LEAST_HIT_RATIO} in every step",
        advice=ADVICE_ON_HITS,
    )


def _check(name: str, *, wrong: str, right: str, advice: str) -> Check:
    """Return a check that failed if something was ``wrong``."""
    return Check(
        name=name,
        scenario=_SCENARIO,
        regime=_REGIME,
        result=wrong_if(wrong),
        detail=wrong or right,
        advice=advice if wrong else "",
    )
