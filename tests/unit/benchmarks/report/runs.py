"""Results of runs that never happened, computed by the harness from simulated samples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from benchmarks.analysis.checks.check import Result
from benchmarks.measure.regimes import REGIMES
from benchmarks.report.results import Results, assemble
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
    head = {
        "options": simulate.header()["options"] | {"variants": list(measured)},
        "variants": simulate.variants(*measured),
        "regimes": [asdict(REGIMES[name]) | {"skipped": None} for name in regimes],
        "coherence": [],
    }
    return assemble(simulate.header(**{**head, **changes}), samples)


def target_run(scenario: str = "front-page") -> Results:
    """Compute the results of two services of which nothing is known but their answers."""
    header = simulate.header(
        variants=[
            {**entry, "kind": "target", "caches": False} for entry in simulate.variants("a", "b")
        ],
        scenarios=[simulate.scenario(scenario)],
        regimes=[asdict(REGIMES[NATIVE]) | {"skipped": None}],
        coherence=[],
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
    """Compute six variants in all regimes and mixes, and two at rates; nobody may change it."""
    mixes = [name for name, scenario in SCENARIOS.items() if scenario.kind == "mix"]
    header = simulate.header(
        variants=simulate.variants(*NAMES),
        options=simulate.header()["options"] | {"variants": list(NAMES), "restarts": 3},
        scenarios=[_described(name) for name in ("session", *mixes)],
        regimes=[asdict(regime) | {"skipped": None} for regime in REGIMES.values()],
        coherence=[simulate.coherence(name, stale=7 * (name == "naive")) for name in NAMES],
        rates=[
            _rate(name, rate, place)
            for place, name in enumerate(NAMES[:2])
            for rate in (100.0, 300.0, 1000.0)
        ],
    )
    samples = [sample for regime in REGIMES for sample in _sessions(regime, NAMES)]
    return assemble(header, [*samples, *(each for name in mixes for each in _mix(name))])


def check(
    name: str, *, result: Result = "passed", advice: str = "", regime: str = NATIVE
) -> dict[str, Any]:
    """Make a check as it is stored."""
    return {
        "name": name,
        "scenario": "session",
        "regime": regime,
        "result": result,
        "detail": f"what {name} saw",
        "advice": advice,
    }


def interval(centre: float, spread: float) -> dict[str, float]:
    """Make an interval of a relative width on either side."""
    return {"centre": centre, "low": centre / (1 + spread), "high": centre * (1 + spread)}


def mix(scenario: str, **changes: Any) -> dict[str, Any]:
    """Make what a mix of reads came to, as it is stored."""
    values = {
        "scenario": scenario,
        "regime": NATIVE,
        "variant": "cached",
        "operations": 100,
        "writes": 0,
        "hit_ratio": 0.6,
        "percentiles": {"p50": 8.0, "p95": 1.0, "p99": 1.5},
        "speedup": interval(2.5, 0.05),
        "reads_speedup": interval(2.5, 0.05),
    }
    return values | changes


def _described(name: str) -> dict[str, Any]:
    scenario = SCENARIOS[name]
    return simulate.scenario(
        name,
        purpose=scenario.purpose,
        kind=scenario.kind,
        requests=scenario.requests,
        changes=bool(scenario.changes),
        changing=sorted(scenario.changes),
    )


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


def _rate(variant: str, rate: float, place: int) -> dict[str, Any]:
    """Make a step of the open loop at a rate that the variant sustains."""
    slow_us = 400.0 if variant == "cached" else 3000.0
    shares = {
        "first_half_p50_us": 1,
        "second_half_p50_us": 1,
        "mean_us": 1,
        "p50_us": 1,
        "p90_us": 1.5,
        "p99_us": 3,
        "max_us": 5,
        "service_mean_us": 0.9,
        "service_sd_us": 0.1,
        "service_p50_us": 0.9,
        "service_p99_us": 2,
    }
    answered = dict.fromkeys(("arrivals", "answered", "hits"), int(2 * rate))
    nothing = dict.fromkeys(("round", "errors", "backlog_middle", "backlog_end"), 0)
    return {
        **nothing,
        **answered,
        **{name: slow_us * share for name, share in shares.items()},
        "place": place,
        "variant": variant,
        "rate": rate,
        "seconds": 2.0,
        "connections": 64,
        "arrivals_second_half": int(rate),
        "lag_p99_us": 50.0,
        "client_cores": 0.3,
        "service_cores": 0.4,
    }
