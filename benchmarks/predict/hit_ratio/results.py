"""``results.json`` of a hit ratio: what was asked, what is predicted, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.analysis.checks.answers import NOT_ASKED
from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.analysis.header import RunEnvironment
from benchmarks.analysis.stats.intervals import Interval, mean_interval
from benchmarks.predict.hit_ratio.measuring import MeasuredPoint
from benchmarks.predict.hit_ratio.question import HitRatioQuestion, Point, Workload
from benchmarks.predict.hit_ratio.workload import (
    AXES,
    CurvePoint,
    curve,
    predict,
    ttl_for_s,
)
from benchmarks.report.results import ResultsUnreadable, parsed
from benchmarks.storage.plain import DataUnreadable, from_plain, rounded
from benchmarks.storage.records import NATIVE

SCHEMA = "fivefold.hit-ratio/1"
WITHIN = 0.02
"""The largest difference of measured and predicted that counts as the same."""
WANTED = (0.5, 0.7, 0.8, 0.9, 0.95)
CONFIDENCE = 0.95
"""Of the interval of a hit ratio."""
_MOST_BYPASSED = 0.01
_LIST = "todos="


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
    measured: Sequence[MeasuredPoint],
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
            points=tuple(map(_point, measured)),
            checks=tuple(check for each in measured for check in _checks(each)),
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


def _point(measured: MeasuredPoint) -> PointResult:
    point = measured.point
    achieved = replace(point.workload, rate=measured.rate)
    # A rate that was not kept is part of what happened, not an error of the prediction; on a busy
    # machine it differs from block to block.
    predicted = [predict(replace(achieved, rate=each.rate)) for each in measured.blocks]
    ratios = [each.hit_ratio for each in measured.blocks]
    apart = [ratio - found for ratio, found in zip(ratios, predicted, strict=True)]
    off_by = mean_interval(apart, confidence=CONFIDENCE)
    reads = [each.reads for each in measured.blocks]
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
        todos={
            slot.removeprefix(_LIST): number
            for slot, number in measured.slots.items()
            if slot.startswith(_LIST)
        },
    )


def _checks(measured: MeasuredPoint) -> list[Check]:
    # The accounts outlive a warm-up, so one that an earlier point left may count as evicted.
    evicted = measured.slots[f"{_LIST}evicted"]
    bypassed = sum(
        n for slot, n in measured.slots.items() if slot.partition("=")[2] in NOT_ASKED | {"off"}
    )
    every = measured.slots.total()
    found = {
        "errors": (
            measured.errors > 0,
            f"{measured.errors} answers were not 200",
            "the services' logs are in the run's folder",
        ),
        "evictions": (
            evicted > 0,
            f"{evicted} reads missed a list that Redis had evicted",
            "give Redis more memory: the prediction is for a cache in which all fit",
        ),
        "bypass": (
            bypassed > _MOST_BYPASSED * every,
            f"{bypassed} of {every} lookups went past the cache",
            "did the service lose its lease or Redis?",
        ),
    }
    return [
        Check(
            name=name,
            scenario=measured.point.name,
            regime=NATIVE,
            result=wrong_if(wrong),
            detail=detail,
            advice=advice if wrong else "",
        )
        for name, (wrong, detail, advice) in found.items()
    ]
