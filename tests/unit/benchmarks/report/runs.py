"""Results of runs that never happened, written down as ``results.json`` has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.unit.benchmarks.simulate import coherence, variants

APP_MS, HIT_MS, MISS_MS = 1.0, 0.3, 0.6
"""What both do, what a hit costs and what a miss costs on top, in milliseconds."""
REGIMES: Mapping[str, tuple[str, float, float | None]] = {
    "native": ("claim", 2.0, None),
    "50ms-per-request": ("claim", 52.0, None),
    "50ms-per-query": ("claim", 103.0, None),
    "a/a": ("noise", 2.0, None),
    "db+1ms": ("sweep", 3.0, None),
    "db+5ms": ("sweep", 7.0, None),
    "db+20ms": ("sweep", 22.0, None),
    "redis+0ms": ("sweep", 2.0, 0.1),
    "redis+1ms": ("sweep", 2.0, 1.1),
    "redis+5ms": ("sweep", 2.0, 5.1),
}
SPEED = {"cached": 1.0, "naive": 1.8, "cashews": 2.5}
"""What a hit costs each variant, as a multiple of ``HIT_MS``."""


def results(
    names: Sequence[str] = ("uncached", "cached"),
    regimes: Sequence[str] = ("native", "50ms-per-request", "50ms-per-query"),
    *,
    spread: float = 0.04,
    **changes: Any,
) -> dict[str, Any]:
    """Make the results of a run of the session, each ratio off by at most ``spread``."""
    reference, *others = names
    summaries = [
        summary(regime, reference, others, spread)
        for regime in regimes
        if REGIMES[regime][0] != "noise"
    ]
    made: dict[str, Any] = {
        "schema": "fivefold.results/3",
        "state": "complete",
        "reason": "",
        "environment": environment(),
        "options": {
            "profile": "quick",
            "scenarios": ["session"],
            "variants": list(names),
            "seed": 1,
            "users": 20,
            "todos_per_user": 20,
            "payload_bytes": 100,
            "warmup_sessions": 30,
            "restarts": 1,
            "probe_seconds": 2.0,
        },
        "variants": variants(*names),
        "scenarios": [
            {
                "name": "session",
                "purpose": "five GET /todo/ of one user, one after the other, from a cold cache",
                "kind": "session",
                "requests": 5,
                "primed": "never",
                "changes": False,
                "changing": [],
                "rate": None,
                "setting": {},
            }
        ],
        "regimes": [
            {
                "name": name,
                "description": name,
                "role": REGIMES[name][0],
                "delay_ms": 0,
                "redis_delay_ms": REGIMES[name][2],
                "skipped": None,
            }
            for name in regimes
        ],
        "coherence": [coherence(name, hits=0 if name == reference else 2000) for name in names],
        "arithmetic": arithmetic(),
        "blocks": blocks(names, regimes),
        "summaries": summaries,
        "guards": [guard("errors"), guard("bodies"), guard("noise", regime="a/a")],
        "noise": [
            {"variant": name, "ratio": interval(1.0, 0.02), "observations": 20, "floor": 0.03}
            for name in names
        ],
        "workloads": [],
        "models": [],
        "open_loop": {"rungs": [], "highest_stable": {}, "comparisons": []},
        "series": {},
        "verdicts": [
            verdict(claim, each, ratio)
            for each in summaries
            for ratio in each["ratios"]
            for claim in ("C1", "C2")
        ],
    }
    return made | changes


def guard(
    name: str, *, passed: bool = True, advice: str = "", regime: str = "native"
) -> dict[str, Any]:
    """Make a check."""
    return {
        "name": name,
        "scenario": "session",
        "regime": regime,
        "passed": passed,
        "detail": f"what {name} saw",
        "advice": advice,
    }


def interval(centre: float, spread: float) -> dict[str, float]:
    """Make an interval of a relative width on either side."""
    return {"centre": centre, "low": centre / (1 + spread), "high": centre * (1 + spread)}


def workload(scenario: str, variant: str, speedup: float, hit_ratio: float) -> dict[str, Any]:
    """Make a mix with a known outcome."""
    return {
        "scenario": scenario,
        "regime": "native",
        "variant": variant,
        "operations": 4000,
        "reads": 3800,
        "writes": 200,
        "hit_ratio": hit_ratio,
        "slots": {
            "todos": {"measured": hit_ratio, "predicted": hit_ratio + 0.01},
            "user": {"measured": 0.98, "predicted": 0.98},
        },
        "speedup": interval(speedup, 0.05),
        "reads_speedup": interval(speedup * 1.1, 0.05),
        "percentiles": {"p50": speedup * 2, "p95": 1.0, "p99": 0.97},
    }


def summary(regime: str, reference: str, others: Sequence[str], spread: float) -> dict[str, Any]:
    """Make one regime from the cost model."""
    _, database_ms, far_ms = REGIMES[regime]
    uncached = 5 * (APP_MS + database_ms)
    made: dict[str, Any] = {
        "scenario": "session",
        "regime": regime,
        "kind": "session",
        "reads": 5,
        "reference": reference,
        "database_ms": database_ms,
        "variants": [_variant(reference, uncached, {"bypass": uncached / 5}, database_ms)],
        "ratios": [],
        "hit_paths": [],
        "prices": [],
    }
    for name in others:
        hit = APP_MS + HIT_MS * SPEED.get(name, 1.0) + (far_ms or 0.0)
        miss = APP_MS + database_ms + MISS_MS + 2 * (far_ms or 0.0)
        total = miss + 4 * hit
        made["variants"].append(_variant(name, total, {"hit": hit, "miss": miss}, 0.0))
        ratio = uncached / total
        made["ratios"].append(
            {
                "variant": name,
                "reference": reference,
                "observations": 30,
                "ratio": ratio,
                "shown": interval(ratio, spread),
                "deciding": interval(ratio, spread * 0.8),
                "by_restart": [ratio],
            }
        )
    return made


def _variant(
    name: str, total_ms: float, means_ms: Mapping[str, float], database_ms: float
) -> dict[str, Any]:
    return {
        "variant": name,
        "sessions": 120,
        "total_ms": interval(total_ms, 0.02),
        "hit_ratio": 0.8 if "hit" in means_ms else 0.0,
        "latencies": [
            {
                "outcome": outcome,
                "requests": 120,
                "p50_ms": mean,
                "p95_ms": mean * 1.3,
                "p99_ms": mean * 1.6,
                "mean_ms": mean,
            }
            for outcome, mean in means_ms.items()
        ],
        "database_ms": database_ms,
        "cache_ms": None,
        "reads_needed_for_5x": None,
    }


def verdict(claim: str, summary: Mapping[str, Any], ratio: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a ratio of a regime by the rules of the claims on it."""
    low, high = ratio["deciding"]["low"], ratio["deciding"]["high"]
    needed = 4.63 / 1.1 if claim == "C1" else 5.0
    decided = "reproduced" if low >= needed else "not reproduced" if high < needed else ""
    return {
        "claim": claim,
        "scenario": "session",
        "regime": summary["regime"],
        "variant": ratio["variant"],
        "reference": ratio["reference"],
        "statistic": "S(5)",
        "unit": "x",
        "ratio": ratio["ratio"],
        "low": low,
        "high": high,
        "confidence": 0.9,
        "verdict": decided or "inconclusive",
        "qualifier": "weaker" if decided == "not reproduced" else "",
        "remark": "",
        "text": arithmetic()["claims"][claim]["text"],
        "asked": False,
    }


def blocks(names: Sequence[str], regimes: Sequence[str]) -> list[dict[str, Any]]:
    """Make thirty observations of each variant in each regime."""
    return [
        {
            "scenario": "session",
            "regime": regime,
            "block": 30 * place + number,
            "observation": number,
            "restart": 0,
            "variant": name,
            "start_s": 0.1 * number,
            "sessions": 4,
            "session_mean_ms": 10.0,
            "outcomes": {"hit": 16, "miss": 4},
        }
        for regime in regimes
        for place, name in enumerate(names)
        for number in range(30)
    ]


def arithmetic() -> dict[str, Any]:
    """Return the starting document's sum."""
    texts = {
        "C1": ("250 ms / 54 ms = 4.63x for five reads from a cold cache", "equals", 4.62963),
        "C2": ("5x faster, taken literally, for five reads from a cold cache", "at_least", 5.0),
    }
    return {
        "claims": {
            name: {"name": name, "scenario": "session", "text": text, "kind": kind, "value": value}
            for name, (text, kind, value) in texts.items()
        },
        "margin": 0.1,
        "reads": 5,
        "uncached_ms": 250.0,
        "cached_ms": 54.0,
        "speedup_by_reads": {"1": 1.0, "5": 4.62963, "6": 5.45455, "10": 8.47458},
        "limit": 50.0,
        "reads_needed_for_5x": 6,
    }


def environment() -> dict[str, Any]:
    """Return on what nothing was run."""
    return {
        "date_utc": "2026-11-22T23:59:59Z",
        "machine": {
            "system": "Linux 6.1 x86_64",
            "cpu_model": "Some <CPU> & more",
            "cpu_count": 2,
            "load_avg_1min": 0.25,
        },
        "python": "CPython 3.11.7",
        "packages": {"pymongo": "4.20.0"},
        "git": {"commit": "0123456789abcdef", "dirty": True},
        "database": {
            "label": "SecantusDB 0.7 (SecantusDB)",
            "kind": "SecantusDB",
            "caveat": "SecantusDB is slower per operation than MongoDB: these are not MongoDB "
            "figures.",
            "real_mongodb": False,
        },
        "redis": {
            "label": "Redis 8.2 (redis-server)",
            "kind": "redis-server",
            "caveat": None,
            "measures_latency": True,
        },
    }
