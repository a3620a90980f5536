"""``results.json`` of a hit ratio: what was asked, what is predicted, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from statistics import fmean
from typing import Any

from benchmarks.analysis.checks.answers import NOT_ASKED
from benchmarks.analysis.checks.check import Check, wrong_if
from benchmarks.analysis.header import RunEnvironment
from benchmarks.analysis.stats.intervals import Interval, mean_interval
from benchmarks.predict.hit_ratio.measuring import MeasuredPoint, of_slot
from benchmarks.predict.hit_ratio.question import ASKED, HitRatioQuestion, Workload
from benchmarks.predict.hit_ratio.workload import (
    AXES,
    CurvePoint,
    Limits,
    PredictedHitRatios,
    curve,
    limits,
    position,
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
_MOST_BYPASSED = 0.01
Block = tuple[bool, float, int, int, int]
"""Whether it was measured, the rate, operations, reads and hits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTtl:
    """The TTL that a hit ratio takes, None where none is long enough."""

    hit_ratio: float
    ttl_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnswer:
    """The predictions for the asked workload; ``positions`` are on the axes."""

    workload: Workload
    predicted: PredictedHitRatios
    limits: Limits
    ttl_needed_s: tuple[WantedTtl, ...]
    positions: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotShare:
    """The hit ratio of a slot."""

    predicted: float
    measured: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PointResult:
    """A measured point of a curve beside its prediction.

    ``workload`` has the rate that was kept, ``off_by`` is measured minus predicted. ``todos`` and
    ``accounts`` count how the service answered the two slots.
    """

    axis: str
    value: float
    name: str
    workload: Workload
    wanted_rate: float
    squeeze: float
    reads: int
    predicted: float
    measured: Interval
    off_by: Interval
    within: bool
    user: SlotShare
    todos: Mapping[str, int]
    accounts: Mapping[str, int]
    blocks: tuple[Block, ...]

    @property
    def label(self) -> str:
        """Return what it is called: its axis and where on it, as asked."""
        return ASKED if self.axis == ASKED else f"{self.axis} {self.value:g}"


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
    found = parsed(text, [SCHEMA])
    earlier = "guards" in found
    try:
        data = _of_before(found) if earlier else found
        return from_plain(HitRatioResults, _renamed(data), lenient=earlier)
    except (DataUnreadable, LookupError, TypeError) as error:
        raise ResultsUnreadable(f"it is no hit ratio: {error}") from error


def _of_before(found: Mapping[str, Any]) -> Mapping[str, object]:
    """Return an earlier run under the names of now; its checks only passed or failed.

    It also measured points whose Redis was too small; nothing predicts them any more.
    """
    points = [point for point in found["points"] if point["axis"] in {ASKED, *AXES}]
    names = {point["name"] for point in points}
    checks = [
        check | {"result": wrong_if(not check["passed"])}
        for check in found["guards"]
        if check["scenario"] in names
    ]
    positions = {axis: found["asked"]["positions"][axis] for axis in AXES}
    asked = found["asked"] | {"positions": positions}
    return {**found, "points": points, "checks": checks, "asked": asked}


def _renamed(found: Mapping[str, Any]) -> Mapping[str, object]:
    """Return a run under the names of now; before 0.2.0 the prediction was called foreseen."""
    asked = dict(found["asked"])
    if "foreseen" in asked:
        asked["predicted"] = asked.pop("foreseen")
    return {**found, "asked": asked}


def _asked(asked: Workload) -> AskedAnswer:
    return AskedAnswer(
        workload=asked,
        predicted=predict(asked),
        limits=limits(asked),
        ttl_needed_s=tuple(
            WantedTtl(hit_ratio=ratio, ttl_s=ttl_for_s(asked, ratio)) for ratio in WANTED
        ),
        positions={axis: position(asked, axis) for axis in AXES},
    )


def _point(measured: MeasuredPoint) -> PointResult:
    point = measured.point
    achieved = replace(point.workload, rate=measured.rate)
    # A rate that was not kept is part of what happened, not an error of the prediction; on a busy
    # machine it differs from block to block.
    blocks = [(each, predict(replace(achieved, rate=each.rate))) for each in measured.counted]
    weights = [each.reads for each, _ in blocks]
    off_by = mean_interval([each.hit_ratio - found.todos for each, found in blocks])
    return PointResult(
        axis=point.axis,
        value=point.value,
        name=point.name,
        workload=achieved,
        wanted_rate=point.workload.rate,
        squeeze=point.squeeze,
        reads=measured.reads,
        predicted=fmean([found.todos for _, found in blocks], weights),
        measured=measured.hit_ratio,
        off_by=off_by,
        within=abs(off_by.centre) <= WITHIN,
        user=SlotShare(
            predicted=fmean([each.user for _, each in blocks], weights),
            measured=measured.user_hit_ratio,
        ),
        todos=of_slot(measured.slots, "todos"),
        accounts=of_slot(measured.slots, "user"),
        blocks=tuple(map(astuple, measured.blocks)),
    )


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
    bypassed = sum(
        n for slot, n in measured.slots.items() if slot.partition("=")[2] in NOT_ASKED | {"off"}
    )
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
