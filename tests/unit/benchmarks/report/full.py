"""The results of a full run that never happened: every figure has data, every part its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks.measure.regimes import REGIMES
from benchmarks.report.results import Results, assemble
from benchmarks.scenarios import SCENARIOS
from benchmarks.storage.records import AGAIN, NATIVE, NOISE, Outcome, Sample
from tests.unit.benchmarks import simulate

NAMES = ("uncached", "cached", "naive", "cashews", "aiocache", "fastapi-redis-sdk")
OBSERVATIONS, OPERATIONS, USERS = 4, 80, 20
_PARTS = {"database_ms": 4.0, "app_ms": 0.5, "hit_ms": 0.6, "miss_ms": 1.2}


def full(rates: Sequence[float] = ()) -> Results:
    """Compute the results of six variants in every regime and all mixes.

    With ``rates`` there is an open loop at them, of uncached and cached.
    """
    head = simulate.header(
        variants=simulate.variants(*NAMES),
        options=simulate.header()["options"] | {"variants": list(NAMES), "restarts": 3},
        scenarios=[_described(name) for name in SCENARIOS if name not in {"hits", "writes"}],
        regimes=[asdict(regime) | {"skipped": None} for regime in REGIMES.values()],
        coherence=[simulate.coherence(name, stale=7 * (name == "naive")) for name in NAMES],
        rates=[_rate(name, rate, place) for place, name in enumerate(NAMES[:2]) for rate in rates],
    )
    mixes = [name for name, scenario in SCENARIOS.items() if scenario.kind == "mix"]
    samples = [
        sample if sample.outcome == "bypass" else replace(sample, cache_ms=0.3)
        for regime in REGIMES
        for sample in _sessions(regime)
    ]
    return assemble(head, [*samples, *(sample for name in mixes for sample in _mix(name))])


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


def _times_ms(delay_ms: float) -> Mapping[Outcome, float]:
    uncached = _PARTS["app_ms"] + _PARTS["database_ms"] + delay_ms
    return {"bypass": uncached, "miss": uncached + _PARTS["miss_ms"], "hit": _PARTS["hit_ms"]}


def _sessions(regime: str) -> list[Sample]:
    again = [name + AGAIN for name in NAMES] if regime == NOISE else []
    delay_ms = REGIMES[regime].delay_ms
    return simulate.run_samples(
        regime=regime,
        variants=(*NAMES, *again),
        observations=OBSERVATIONS,
        times_ms=_times_ms(delay_ms),
        db_ms=_PARTS["database_ms"] + delay_ms,
    )


def _mix(scenario: str) -> Iterator[Sample]:
    """Yield a block of each variant in turn; every tenth operation misses."""
    times_ms = _times_ms(0)
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
                    duration_s=times_ms[outcome] * (1 + 0.01 * observation) / 1000,
                    regime=NATIVE,
                    cache_ms=None if outcome == "bypass" else 0.3,
                    db_ms=0.0 if outcome == "hit" else _PARTS["database_ms"],
                )


def _rate(variant: str, rate: float, place: int) -> dict[str, Any]:
    slow = 400.0 if variant == "cached" else 3000.0
    return {
        "round": 0,
        "place": place,
        "variant": variant,
        "rate": rate,
        "seconds": 2.0,
        "connections": 64,
        "arrivals": int(2 * rate),
        "answered": int(2 * rate),
        "errors": 0,
        "hits": int(2 * rate),
        "arrivals_second_half": int(rate),
        "backlog_middle": 0,
        "backlog_end": 0,
        "first_half_p50_us": slow,
        "second_half_p50_us": slow,
        "mean_us": slow,
        "p50_us": slow,
        "p90_us": slow * 1.5,
        "p99_us": slow * 3,
        "max_us": slow * 5,
        "service_mean_us": slow * 0.9,
        "service_sd_us": slow * 0.1,
        "service_p50_us": slow * 0.9,
        "service_p99_us": slow * 2,
        "lag_p99_us": 50.0,
        "client_cores": 0.3,
        "service_cores": 0.4,
    }
