"""``results.json`` of a hit ratio: what was asked, what is foreseen, what was measured."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import fmean
from typing import Any

from benchmarks.analysis.evicting import CachedService, EvictingCache
from benchmarks.analysis.guards import Guard
from benchmarks.analysis.ratio import mean_interval
from benchmarks.export.results import Results, parsed, rounded
from benchmarks.hit_ratio.counted import of_slot
from benchmarks.hit_ratio.curves import AXES, curve, position
from benchmarks.hit_ratio.measuring import Measured, scenario_of
from benchmarks.hit_ratio.question import Question
from benchmarks.hit_ratio.workload import Workload, foresee, limits, ttl_for_s
from benchmarks.records import NATIVE
from benchmarks.scenarios.base import Draw

SCHEMA = "fivefold.hit-ratio/1"
HEADER = ("schema", "state", "reason", "environment", "options", "asked", "curves", "points")
WITHIN = 0.02
"""How far measured and predicted may lie apart to be called the same."""
WANTED = (0.5, 0.7, 0.8, 0.9, 0.95)
SIMULATED = 30_000
"""Operations of which a simulated hit ratio is the mean; it is off by some thousandths."""
_MOST_BYPASSED = 0.01


def assemble(
    question: Question,
    measured: Sequence[Measured],
    header: Mapping[str, Any],
    *,
    simulated: int = SIMULATED,
) -> Results:
    """Compute the results of a question and of whatever was measured for it."""
    asked = question.workload
    results: Results = {
        "schema": SCHEMA,
        **header,
        "options": {**asdict(question), "out": None},
        "asked": _asked(asked),
        "curves": {axis: [asdict(place) for place in curve(asked, axis)] for axis in AXES},
        "points": [
            _point(each, as_redis_evicts(each, question.seed, simulated)) for each in measured
        ],
        "guards": [asdict(guard) for each in measured for guard in _guards(each)],
    }
    return {key: rounded(value) for key, value in results.items()}


def from_json(text: str) -> Results:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    return parsed(text, SCHEMA, HEADER)


def as_redis_evicts(measured: Measured, seed: int, simulated: int = SIMULATED) -> float | None:
    """Return the hit ratio of the point in a simulated Redis; None where nothing is evicted."""
    point, rate = measured.point, measured.rate
    workload = _kept(measured)
    if workload.room_bytes is None or math.isinf(foresee(workload).gap_s):
        return None
    cache = EvictingCache(workload.room_bytes, random.Random(f"evicting {seed}"))  # noqa: S311
    service = CachedService(
        cache=cache,
        sizes=workload.sizes,
        ttl_s=workload.ttl_s,
        user_ttl_s=workload.user_ttl_s,
    )
    rng = random.Random(f"operations {seed}")  # noqa: S311 - an order, not a secret
    scenario, now_s = scenario_of(point), 0.0
    # The first part fills the cache and is not counted.
    for amount in (simulated // 4, simulated):
        service.reads = service.hits = 0
        given = Draw(users=workload.users, amount=amount, turn=0, rng=rng)
        now_s = service.run(scenario.draw(given), rate=rate, from_s=now_s)
    return service.hits / service.reads


def _asked(asked: Workload) -> dict[str, Any]:
    found, alone = foresee(asked), limits(asked)
    return {
        "workload": _plain(asdict(asked)),
        "foreseen": _plain(asdict(found)),
        "limits": asdict(alone) | {"binding": alone.binding},
        "ttl_needed_s": [
            {"hit_ratio": ratio, "ttl_s": ttl_for_s(asked, ratio)} for ratio in WANTED
        ],
        "positions": {axis: position(asked, axis) for axis in AXES},
        "bytes": {
            "todos": asked.sizes.todos,
            "user": asked.sizes.user,
            "fit": None if asked.room_bytes is None else asked.room_bytes / asked.pair_bytes,
        },
    }


def _kept(measured: Measured) -> Workload:
    """Return the workload as it was: at the rate that was kept, in the memory that was left."""
    return replace(measured.point.workload, rate=measured.rate, room_bytes=measured.room_bytes)


def _point(measured: Measured, evicting: float | None) -> dict[str, Any]:
    point, kept = measured.point, _kept(measured)
    # A rate that was not kept is part of what happened, not an error of the prediction; on a busy
    # machine it differs from block to block.
    blocks = [(each, foresee(replace(kept, rate=each.rate))) for each in measured.counted]
    weights = [each.reads for each, _ in blocks]
    predicted = fmean([found.todos for _, found in blocks], weights)
    off_by = mean_interval([each.hit_ratio - found.todos for each, found in blocks])
    found, ratio = foresee(kept), measured.hit_ratio
    given = replace(kept, room_bytes=point.workload.room_bytes)
    return {
        "axis": point.axis,
        "value": point.value,
        "name": point.name,
        "workload": _plain(asdict(kept)),
        "wanted_rate": point.workload.rate,
        "squeeze": point.squeeze,
        "reads": measured.reads,
        "predicted": predicted,
        "predicted_if_all_given": foresee(given).todos,
        "at_random": fmean([each.at_random for _, each in blocks], weights),
        "as_redis_evicts": evicting,
        "measured": asdict(ratio),
        "off_by": asdict(off_by),
        "within": abs(off_by.centre) <= WITHIN,
        "user": {
            "predicted": fmean([each.user for _, each in blocks], weights),
            "measured": measured.user_hit_ratio,
        },
        "gap_s": _finite(found.gap_s),
        "evicted": measured.evicted,
        "expired": measured.expired,
        "memory": _memory(measured, found.filled_bytes),
        "todos": of_slot(measured.slots, "todos"),
        "accounts": of_slot(measured.slots, "user"),
        "blocks": [
            [each.measured, each.rate, each.operations, each.reads, each.hits]
            for each in measured.blocks
        ],
    }


def _memory(measured: Measured, foreseen_bytes: float) -> dict[str, Any]:
    given = measured.point.workload.room_bytes
    return {
        "limit_bytes": given and measured.baseline_bytes + int(given),
        "baseline_bytes": measured.baseline_bytes,
        "given_bytes": given,
        "held_bytes": measured.room_bytes,
        "used_bytes": measured.used_bytes,
        "foreseen_bytes": foreseen_bytes,
    }


def _guards(measured: Measured) -> list[Guard]:
    name, room = measured.point.name, measured.point.workload.room_bytes
    bypassed = sum(n for way, n in measured.slots.items() if way.endswith(("bypass", "off")))
    every = measured.slots.total()
    return [
        _guard(
            "counts",
            name,
            "; ".join(measured.disagreements) or f"both counted {every} lookups alike",
            "is anybody else on that service?",
            passed=not measured.disagreements,
        ),
        _guard(
            "errors",
            name,
            f"{measured.errors} answers were not 200",
            "the services' logs are in the run's folder",
            passed=not measured.errors,
        ),
        _guard(
            "evictions",
            name,
            f"Redis evicted {measured.evicted} entries",
            "was the memory full of something else?",
            passed=room is not None or not measured.evicted,
        ),
        _guard(
            "bypass",
            name,
            f"{bypassed} of {every} lookups went past the cache",
            "did the service lose its lease or Redis?",
            passed=bypassed <= _MOST_BYPASSED * every,
        ),
    ]


def _guard(name: str, scenario: str, detail: str, advice: str, *, passed: bool) -> Guard:
    return Guard(
        name=name,
        scenario=scenario,
        regime=NATIVE,
        passed=passed,
        detail=detail,
        advice="" if passed else advice,
    )


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can hold: without an end is null."""
    return {key: _finite(value) for key, value in entry.items()}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and math.isinf(value) else value
