"""``results.json`` of a hit ratio: what was asked, what is predicted, what was measured."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean

from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.analysis.header import RunEnvironment
from benchmarks.analysis.stats.intervals import Interval, mean_interval
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, Workload
from benchmarks.predict.hit_ratio.workload import (
    AXES,
    CurvePoint,
    curve,
    predict,
    ttl_for_s,
)
from benchmarks.report.results import ResultsUnreadable, parsed
from benchmarks.scenarios.mix import READ
from benchmarks.storage.plain import DataUnreadable, from_plain, rounded
from benchmarks.storage.records import NATIVE, Sample

SCHEMA = "fivefold.hit-ratio/1"
WITHIN = 0.02
"""The largest difference of measured and predicted that counts as the same."""
WANTED = (0.5, 0.7, 0.8, 0.9, 0.95)
CONFIDENCE = 0.95
"""Of the interval of a hit ratio."""
_MOST_BYPASSED = 0.01
_LIST = "todos="
_HTTP_OK = 200
# A block of one operation takes no time that could be told.
_NO_TIME = 1e6
PointBlocks = Sequence[Sequence[Sample]]
"""The requests of a point, block by block, from after its warm-up."""
_NOT_ASKED = frozenset({"bypass", "unavailable", "fenced", "unleased", "off"})
"""The outcomes of a slot for which the cache was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTtl:
    """The TTL that a hit ratio takes, None where none is long enough."""

    hit_ratio: float
    ttl_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedHitRatios:
    """The hit ratio by slot once the cache has warmed up."""

    todos: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnswer:
    """The predictions for the asked workload."""

    workload: Workload
    predicted: PredictedHitRatios
    ttl_needed_s: tuple[WantedTtl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointResult(Point):
    """A measured point of a curve beside its prediction.

    ``workload`` has the rate that was kept, ``off_by`` is measured minus predicted. ``todos``
    counts how the service answered the lists.
    """

    wanted_rate: float
    reads: int
    predicted: float
    measured: Interval
    off_by: Interval
    within: bool
    todos: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRatioResults:
    """The question, the predictions and the measurements."""

    schema: str
    state: str
    reason: str
    environment: RunEnvironment
    options: HitRatioQuestion
    asked: AskedAnswer
    curves: Mapping[str, tuple[CurvePoint, ...]]
    points: tuple[PointResult, ...]
    checks: tuple[Check, ...]


def assemble(
    question: HitRatioQuestion,
    measured: Sequence[tuple[Point, PointBlocks]],
    environment: RunEnvironment,
    *,
    state: str = "complete",
    reason: str = "",
) -> HitRatioResults:
    """Compute the results of a question and of whatever was measured for it."""
    asked = question.workload
    return rounded(
        HitRatioResults(
            schema=SCHEMA,
            state=state,
            reason=reason,
            environment=environment,
            options=replace(question, out=None),
            asked=_asked(asked),
            curves={axis: tuple(curve(asked, axis)) for axis in AXES},
            points=tuple(_point(*each) for each in measured),
            checks=tuple(check for each in measured for check in _checks(*each)),
        )
    )


def from_json(text: str) -> HitRatioResults:
    """Return the results in a text; raises ``ResultsUnreadable``."""
    try:
        # Earlier runs predicted and measured more.
        return from_plain(HitRatioResults, parsed(text, [SCHEMA]), lenient=True)
    except DataUnreadable as error:
        raise ResultsUnreadable(f"it is no hit ratio: {error}") from error


def _asked(asked: Workload) -> AskedAnswer:
    return AskedAnswer(
        workload=asked,
        predicted=PredictedHitRatios(todos=predict(asked)),
        ttl_needed_s=tuple(
            WantedTtl(hit_ratio=ratio, ttl_s=ttl_for_s(asked, ratio)) for ratio in WANTED
        ),
    )


def _point(point: Point, blocks: PointBlocks) -> PointResult:
    achieved = replace(point.workload, rate=_rate([*chain.from_iterable(blocks)]))
    reads, ratios, predicted = [], [], []
    for block in blocks:
        lists = [_ways(sample) for sample in block if sample.action == READ]
        reads.append(len(lists))
        ratios.append(sum("hit" in ways for ways in lists) / len(lists) if lists else math.nan)
        # A rate that was not kept is part of what happened, not an error of the prediction; on a
        # busy machine it differs from block to block.
        predicted.append(predict(replace(achieved, rate=_rate(block))))
    apart = [ratio - found for ratio, found in zip(ratios, predicted, strict=True)]
    off_by = mean_interval(apart, confidence=CONFIDENCE)
    return PointResult(
        axis=point.axis,
        value=point.value,
        workload=achieved,
        wanted_rate=point.workload.rate,
        reads=sum(reads),
        predicted=fmean(predicted, reads),
        measured=mean_interval(ratios, confidence=CONFIDENCE),
        off_by=off_by,
        within=abs(off_by.centre) <= WITHIN,
        todos=Counter(way for sample in chain.from_iterable(blocks) for way in _ways(sample)),
    )


def _ways(sample: Sample) -> list[str]:
    """Return what ``Cache-Status`` said of the list, if anything."""
    return [slot.removeprefix(_LIST) for slot in sample.slots.split() if slot.startswith(_LIST)]


def _rate(samples: Sequence[Sample]) -> float:
    passed_s = samples[-1].start_s - samples[0].start_s
    return max(1, len(samples) - 1) / passed_s if passed_s > 0 else _NO_TIME


def _checks(point: Point, blocks: PointBlocks) -> list[Check]:
    samples = [*chain.from_iterable(blocks)]
    slots = Counter(slot for sample in samples for slot in sample.slots.split())
    errors = sum(sample.status != _HTTP_OK for sample in samples)
    # The accounts outlive a warm-up, so one that an earlier point left may count as evicted.
    evicted = slots[f"{_LIST}evicted"]
    bypassed = sum(n for slot, n in slots.items() if slot.partition("=")[2] in _NOT_ASKED)
    found = {
        "errors": (
            errors > 0,
            f"{errors} answers were not 200",
            "the services' logs are in the run's folder",
        ),
        "evictions": (
            evicted > 0,
            f"{evicted} reads missed a list that Redis had evicted",
            "give Redis more memory: the prediction is for a cache in which all fit",
        ),
        "bypass": (
            bypassed > _MOST_BYPASSED * slots.total(),
            f"{bypassed} of {slots.total()} lookups went past the cache",
            "did the service lose its lease or Redis?",
        ),
    }
    return [
        Check(
            name=name,
            scenario=point.name,
            regime=NATIVE,
            result=wrong_if(wrong),
            detail=detail,
            advice=advice if wrong else "",
        )
        for name, (wrong, detail, advice) in found.items()
    ]
