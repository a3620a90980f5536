"""The conditions without which the figures of a load sweep mean nothing."""

from collections.abc import Collection, Sequence

from benchmarks.analysis.checks.answers import stand_in
from benchmarks.analysis.checks.check import ADVICE_ON_HITS, Check, wrong_if
from benchmarks.analysis.quantities.capacity import LEAST_HIT_RATIO, TargetFinding, behind, faults
from benchmarks.analysis.quantities.pace import CLIENT_CORES
from benchmarks.storage.records import SweepStep

_SCENARIO, _REGIME = "capacity", "native"


def judge_steps(
    steps: Sequence[SweepStep],
    findings: Sequence[TargetFinding],
    *,
    uncached: Collection[str],
    redis_measures_latency: bool = True,
) -> list[Check]:
    """Check the answers and hits of all steps, and the client in those that a target is judged by.

    ``uncached`` names the variants that cannot hit. A Redis that is none fails a check of its own.
    """
    judged = [
        step
        for finding in findings
        if finding.decision != "not measured"
        for part in behind(finding.target, steps)
        for step in part
    ]
    checks = [
        _check(name, among, uncached, condition=condition, advice=advice)
        for name, among, condition, advice in (
            ("errors", steps, "answers are 200", "look into the logs folder of the run"),
            ("hits", steps, f"hit ratio at least {LEAST_HIT_RATIO} of what caches", ADVICE_ON_HITS),
            (
                "client",
                judged,
                f"at most {CLIENT_CORES:.0%} of a core where a target is judged",
                "free the machine: the client had to be waited for",
            ),
        )
    ]
    return checks if redis_measures_latency else [*checks, stand_in(_SCENARIO, _REGIME)]


def _check(
    name: str,
    steps: Sequence[SweepStep],
    uncached: Collection[str],
    *,
    condition: str,
    advice: str,
) -> Check:
    wrong = dict.fromkeys(
        f"{step.variant} at {step.connections}" for step in steps if name in faults(step, uncached)
    )
    return Check(
        name=name,
        scenario=_SCENARIO,
        regime=_REGIME,
        result=wrong_if(wrong),
        detail=f"{condition}, but not of {', '.join(wrong)}" if wrong else condition,
        advice=advice if wrong else "",
    )
