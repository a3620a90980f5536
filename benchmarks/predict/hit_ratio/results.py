"""``results.json`` of a hit ratio: what was asked, what is foreseen, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import fmean
from typing import Any

from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.analysis.stats.intervals import mean_interval
from benchmarks.predict.hit_ratio.measuring import MeasuredPoint, of_slot
from benchmarks.predict.hit_ratio.question import ASKED, HitRatioQuestion, Workload
from benchmarks.predict.hit_ratio.workload import (
    AXES,
    curve,
    foresee,
    limits,
    position,
    ttl_for_s,
)
from benchmarks.report.results import ResultsUnreadable, parsed
from benchmarks.storage.plain import rounded, to_plain
from benchmarks.storage.records import NATIVE

SCHEMA = "fivefold.hit-ratio/1"
HitRatioResults = dict[str, Any]
Entry = Mapping[str, Any]
HEADER = ("schema", "state", "reason", "environment", "options", "asked", "curves", "points")
WITHIN = 0.02
"""How far measured and predicted may lie apart to be called the same."""
WANTED = (0.5, 0.7, 0.8, 0.9, 0.95)
_MOST_BYPASSED = 0.01


def assemble(
    question: HitRatioQuestion, measured: Sequence[MeasuredPoint], header: Mapping[str, Any]
) -> HitRatioResults:
    """Compute the results of a question and of whatever was measured for it."""
    asked = question.workload
    results: HitRatioResults = {
        "schema": SCHEMA,
        **header,
        "options": {**asdict(question), "out": None},
        "asked": _asked(asked),
        "curves": {axis: [asdict(each) for each in curve(asked, axis)] for axis in AXES},
        "points": [_point(each) for each in measured],
        "checks": [asdict(check) for each in measured for check in _checks(each)],
    }
    return {key: to_plain(rounded(value)) for key, value in results.items()}


def from_json(text: str) -> HitRatioResults:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    found = parsed(text, [SCHEMA])
    missing = [key for key in HEADER if key not in found]
    if missing:
        raise ResultsUnreadable(f"it lacks {', '.join(missing)}")
    return found


def _asked(asked: Workload) -> dict[str, Any]:
    found, alone = foresee(asked), limits(asked)
    return {
        "workload": asdict(asked),
        "foreseen": asdict(found),
        "limits": asdict(alone) | {"binding": alone.binding},
        "ttl_needed_s": [
            {"hit_ratio": ratio, "ttl_s": ttl_for_s(asked, ratio)} for ratio in WANTED
        ],
        "positions": {axis: position(asked, axis) for axis in AXES},
    }


def _point(measured: MeasuredPoint) -> dict[str, Any]:
    point = measured.point
    achieved = replace(point.workload, rate=measured.rate)
    # A rate that was not kept is part of what happened, not an error of the prediction; on a busy
    # machine it differs from block to block.
    blocks = [(each, foresee(replace(achieved, rate=each.rate))) for each in measured.counted]
    weights = [each.reads for each, _ in blocks]
    predicted = fmean([found.todos for _, found in blocks], weights)
    off_by = mean_interval([each.hit_ratio - found.todos for each, found in blocks])
    return {
        "axis": point.axis,
        "value": point.value,
        "name": point.name,
        "workload": asdict(achieved),
        "wanted_rate": point.workload.rate,
        "squeeze": point.squeeze,
        "reads": measured.reads,
        "predicted": predicted,
        "measured": asdict(measured.hit_ratio),
        "off_by": asdict(off_by),
        "within": abs(off_by.centre) <= WITHIN,
        "user": {
            "predicted": fmean([each.user for _, each in blocks], weights),
            "measured": measured.user_hit_ratio,
        },
        "todos": of_slot(measured.slots, "todos"),
        "accounts": of_slot(measured.slots, "user"),
        "blocks": [
            [each.measured, each.rate, each.operations, each.reads, each.hits]
            for each in measured.blocks
        ],
    }


def _checks(measured: MeasuredPoint) -> list[Check]:
    return [
        Check(
            name=name,
            scenario=measured.point.name,
            regime=NATIVE,
            result=wrong_if(not passed),
            detail=detail,
            advice="" if passed else advice,
        )
        for name, passed, detail, advice in _expectations(measured)
    ]


def _expectations(measured: MeasuredPoint) -> list[tuple[str, bool, str, str]]:
    """Return what has to hold of a point: its name, whether it does, what was seen, and advice."""
    # The accounts outlive a warm-up, so one that an earlier point left may count as evicted.
    evicted = measured.slots["todos=evicted"]
    bypassed = sum(n for way, n in measured.slots.items() if way.endswith(("bypass", "off")))
    every = measured.slots.total()
    return [
        (
            "counts",
            not measured.disagreements,
            "; ".join(measured.disagreements) or f"both counted {every} lookups alike",
            "does another client use that service?",
        ),
        (
            "errors",
            not measured.errors,
            f"{measured.errors} answers were not 200",
            "the services' logs are in the run's folder",
        ),
        (
            "evictions",
            not evicted,
            f"{evicted} reads missed a list that Redis had evicted",
            "give Redis more memory: the prediction is for a cache in which all fit",
        ),
        (
            "bypass",
            bypassed <= _MOST_BYPASSED * every,
            f"{bypassed} of {every} lookups went past the cache",
            "did the service lose its lease or Redis?",
        ),
    ]


def label(point: Entry) -> str:
    """Return what a measured point is called: its axis and where on it, as asked."""
    if point["axis"] == ASKED:
        return ASKED
    return f"{point['axis']} {point['value']:g}"
