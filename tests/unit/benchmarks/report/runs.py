"""Results of runs that never happened, computed by the harness from simulated samples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from benchmarks.analysis.checks.check import Check, Result
from benchmarks.analysis.quantities.summary import WorkloadResult
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.measure.regimes import REGIMES
from benchmarks.report.computed import Results
from benchmarks.report.results import assemble
from benchmarks.runner.job import described
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.records import AGAIN, NATIVE, NOISE, Outcome, Sample
from tests.unit.benchmarks import simulate

CLAIMED = ("native", "50ms-per-request", "50ms-per-query")
NAMES = ("uncached", "cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk")
OBSERVATIONS, OPERATIONS, USERS = 4, 80, 20
DATABASE_MS, CACHE_MS = 4.0, 0.2
MEANS_MS: Mapping[Outcome, float] = {"bypass": 5.0, "miss": 6.0, "hit": 1.0}
"""One read with the database as it is."""


def session_run(
    *names: str,
    regimes: Sequence[str] = CLAIMED,
    times_ms: Mapping[Outcome, float] | None = None,
    noise: float = 0.02,
    **changes: Any,
) -> Results:
    """Compute the results of a session of some variants, uncached and cached unless named."""
    measured = names or ("uncached", "cached")
    samples = [
        sample
        for regime in regimes
        for sample in _sessions(regime, measured, times_ms or {}, noise=noise)
    ]
    head: dict[str, Any] = {
        "options": replace(simulate.OPTIONS, variants=measured),
        "variants": simulate.variants(*measured),
        "regimes": simulate.regimes(*regimes),
        "coherence": (),
    }
    return assemble(simulate.header(**{**head, **changes}), samples)


def target_run(scenario: str = "front-page") -> Results:
    """Compute the results of two services of which nothing is known but their answers."""
    header = simulate.header(
        environment=replace(simulate.ENVIRONMENT, database=None, redis=None),
        variants=tuple(
            replace(each, kind="target", caches=False) for each in simulate.variants("a", "b")
        ),
        scenarios=(simulate.scenario(scenario),),
        regimes=simulate.regimes(NATIVE),
        coherence=(),
    )
    samples = simulate.run_samples(scenario=scenario, variants=("a", "b"), observations=4)
    unknown = {"outcome": "unknown", "db_ms": None, "app_ms": None}
    times_s = {"a": 0.003, "b": 0.001}
    return assemble(
        header,
        [replace(each, duration_s=times_s[each.variant], **unknown) for each in samples],  # type: ignore[arg-type]
    )


@cache
def everything() -> Results:
    """Compute six variants in all regimes and mixes; nobody may change it."""
    mixes = [name for name, scenario in SCENARIOS.items() if scenario.kind == "mix"]
    header = simulate.header(
        variants=simulate.variants(*NAMES),
        options=replace(simulate.OPTIONS, variants=NAMES, restarts=3),
        scenarios=tuple(described(SCENARIOS[name]) for name in ("session", *mixes)),
        regimes=tuple(REGIMES.values()),
        coherence=tuple(simulate.coherence(name, stale=7 * (name == "naive")) for name in NAMES),
    )
    samples = [sample for regime in REGIMES for sample in _sessions(regime, NAMES)]
    return assemble(header, [*samples, *(each for name in mixes for each in _mix(name))])


def with_ratio(run: Results, *, case: int = 0, place: int = 0, **changes: Any) -> Results:
    """Return a run in which one ratio of one of its cases is another."""
    cases = list(run.summaries)
    ratios = list(cases[case].ratios)
    ratios[place] = replace(ratios[place], **changes)
    cases[case] = replace(cases[case], ratios=tuple(ratios))
    return replace(run, summaries=tuple(cases))


def check(name: str, *, result: Result = "passed", advice: str = "", regime: str = NATIVE) -> Check:
    """Make a check of the session."""
    return Check(
        name=name,
        scenario="session",
        regime=regime,
        result=result,
        detail=f"what {name} saw",
        advice=advice,
    )


def interval(centre: float, spread: float) -> Interval:
    """Make an interval of a relative width on either side."""
    return Interval(centre, centre / (1 + spread), centre * (1 + spread))


def mix(scenario: str, **changes: Any) -> WorkloadResult:
    """Make what a mix of reads came to."""
    usual = WorkloadResult(
        scenario=scenario,
        regime=NATIVE,
        variant="cached",
        hit_ratio=0.6,
        percentiles={"p50": 8.0, "p95": 1.0, "p99": 1.5},
        speedup=interval(2.5, 0.05),
        reads_speedup=interval(2.5, 0.05),
    )
    return replace(usual, **changes)


def _sessions(
    regime: str,
    names: Sequence[str],
    times_ms: Mapping[Outcome, float] | None = None,
    *,
    noise: float = 0.02,
) -> Iterator[Sample]:
    again = [name + AGAIN for name in names] if regime == NOISE else []
    delay_ms = REGIMES[regime].delay_ms
    slow = {name: ms + delay_ms * (name != "hit") for name, ms in MEANS_MS.items()}
    for sample in simulate.run_samples(
        regime=regime,
        variants=(*names, *again),
        observations=OBSERVATIONS,
        times_ms={**slow, **(times_ms or {})},
        noise=noise,
        db_ms=DATABASE_MS + delay_ms,
    ):
        if sample.outcome == "unknown":
            yield replace(sample, db_ms=None, app_ms=None)
        else:
            yield replace(sample, cache_ms=None if sample.outcome == "bypass" else CACHE_MS)


def _mix(scenario: str) -> Iterator[Sample]:
    """Yield a block of each variant in turn; every tenth operation misses."""
    for observation in range(OBSERVATIONS):
        for place, variant in enumerate(NAMES):
            for index in range(OPERATIONS):
                read: Outcome = "miss" if index % 10 == observation else "hit"
                outcome: Outcome = "bypass" if variant == "uncached" else read
                slot = "hit" if outcome == "hit" else "cold"
                yield simulate.sample(
                    scenario=scenario,
                    observation=observation,
                    block=observation * len(NAMES) + place,
                    variant=variant,
                    user=index % USERS,
                    index=index,
                    outcome=outcome,
                    slots="" if variant == "uncached" else f"todos={slot} user=hit",
                    start_s=index * 0.01,
                    duration_s=MEANS_MS[outcome] * (1 + 0.01 * observation) / 1000,
                    cache_ms=None if outcome == "bypass" else CACHE_MS,
                    db_ms=0.0 if outcome == "hit" else DATABASE_MS,
                )
