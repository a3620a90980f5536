"""The conditions without which the figures of a load sweep mean nothing."""

from collections.abc import Collection, Iterable, Sequence

from benchmarks.analysis.checks import Check, stand_in
from benchmarks.analysis.quantities.capacity import CLIENT_LIMIT, LEAST_HIT_RATIO, misses
from benchmarks.analysis.quantities.targets import PerformanceTarget
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


def client(steps: Iterable[SweepStep], targets: Iterable[PerformanceTarget]) -> Check:
    """Check that the client was not the limit in a step that a target is judged by."""
    asked = {
        (name, target.connections)
        for target in targets
        for name in (target.variant, target.against)
    }
    busy = [
        step
        for step in steps
        if (step.variant, step.connections) in asked and step.client_cores > CLIENT_LIMIT
    ]
    seen = ", ".join(f"{step.variant} at {step.connections}" for step in busy)
    return Check(
        name="client",
        scenario=_SCENARIO,
        regime=_REGIME,
        passed=not busy,
        detail=f"more than {CLIENT_LIMIT:.0%} of a core: {seen}"
        if busy
        else f"at most {CLIENT_LIMIT:.0%} of a core in every step that is judged",
        advice="free the machine: the client had to be waited for" if busy else "",
    )


def _errors(steps: Sequence[SweepStep]) -> Check:
    failed = [step for step in steps if step.errors]
    seen = ", ".join(f"{step.errors} from {step.variant}" for step in failed)
    return Check(
        name="errors",
        scenario=_SCENARIO,
        regime=_REGIME,
        passed=not failed,
        detail=f"answers other than 200: {seen}"
        if failed
        else f"all {sum(step.requests for step in steps)} answers are 200",
        advice="look into the logs folder of the run" if failed else "",
    )


def _hits(steps: Sequence[SweepStep], uncached: Collection[str]) -> Check:
    cold = [step for step in steps if step.variant not in uncached and misses(step)]
    seen = ", ".join(
        f"{step.hits / step.requests:.2f} of {step.variant} at {step.connections}" for step in cold
    )
    return Check(
        name="hits",
        scenario=_SCENARIO,
        regime=_REGIME,
        passed=not cold,
        detail=f"hit ratio below {LEAST_HIT_RATIO}: {seen}"
        if cold
        else f"hit ratio of what caches at least {LEAST_HIT_RATIO} in every step",
        advice="is the cache reached, its TTL longer than a step, and nobody else writing?"
        if cold
        else "",
    )
