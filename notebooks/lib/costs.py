"""The speedup that remains with a far Redis and with writes, by a cost model fitted to a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import OURS, CostModel, Trips, farther, speedup_at
from benchmarks.analysis.model.writes import Writes, most_writes_for_reads, overall_speedup
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import SessionSpeedup, cell, cells, first_model, session_speedups
from benchmarks.report.tones import TONES

TUTORIAL = Trips(hit=3, miss=5)
"""The tutorial's code asks for the token, the account and the list one after the other,
and a miss stores the account and the list before it answers."""
_LEAST = 3
"""Fewer points are no curve."""
_ROOM = 1.1
_FAR_STEPS = 60
_CODES = {
    f"{OURS.hit} round trip per hit": (OURS, "blue", "-"),
    f"{TUTORIAL.hit}, as in the tutorial": (TUTORIAL, "vermilion", (0, (4, 1.5))),
}
_READS, _ALL = "reads", "all operations"
_MARKS = {"measured": ("speedup", "o", style.INK), "predicted": ("predicted", "+", style.INK)}
_STYLES = {_READS: ("blue", "-"), _ALL: ("vermilion", (0, (4, 1.5)))}
_MOST_SHARE, _SHARE_STEPS = 0.6, 120


def farthest_ms(model: CostModel, hit_ratio: float, trips: Trips = OURS) -> float:
    """Return by how much a round trip may be longer until reads gain nothing; negative: they lose.

    a + h (c + k x) + (1 - h)(d + m + l x) = a + d with k trips of a hit and l of a miss gives
    x = [h (d - c) - (1 - h) m] / [h k + (1 - h) l].
    """
    gain_ms = hit_ratio * (model.database_ms - model.hit_ms) - (1 - hit_ratio) * model.miss_ms
    return gain_ms / (hit_ratio * trips.hit + (1 - hit_ratio) * trips.miss)


def make_far_redis(results: Results) -> Figure | None:
    """Draw S against the time added to a round trip, predicted and measured."""
    fitted = first_model(results)
    if fitted is None:
        return None
    points = [row for row in session_speedups(results) if row.variant == fitted.variant]
    if len(points) < _LEAST:
        return None
    ratio = points[0].hit_ratio
    most = _ROOM * max(point.redis_ms for point in points)
    draw = partial(_draw_far, fitted=fitted, points=points)
    limits = {name: farthest_ms(fitted.fit.model, ratio, code[0]) for name, code in _CODES.items()}
    lost = "; ".join(f"{name}: {significant(limit, 2)} ms" for name, limit in limits.items())
    return panels.figure(
        [most],
        draw,
        name="far-redis",
        title="How far away may the cache be?",
        caption=(
            f"Sessions with a hit ratio of {ratio:.2f}, the database as it is, and a Redis to "
            "which each round trip takes longer. Lines: predicted from the native regime alone, "
            f"for this service ({OURS.hit} round trip of a hit, {OURS.miss} of a miss) and for "
            f"the tutorial's code ({TUTORIAL.hit} and {TUTORIAL.miss}). Points: measured, with "
            "90 % intervals; the delay comes from a proxy that itself costs a hop, so they lie "
            f"lower. Below the dashed line the cache makes reads slower; the model predicts that "
            f"from these added times on: {lost}."
        ),
        alt=f"Measured: {_far_described(points)}. Predicted to be slower from: {lost}.",
        table=Table(
            ("source", "redis ms added", "times as fast", "low", "high"),
            [*_far_rows(points), *_curve_rows(fitted, ratio, most)],
        ),
        names=[*_CODES, "measured"],
        panel=260,
    )


def predicted(fitted: ModelResult, hit_ratio: float, redis_ms: float, trips: Trips = OURS) -> float:
    """Return S(h) for a Redis that is so much farther than that of the fit."""
    return speedup_at(farther(fitted.fit.model, redis_ms, trips), hit_ratio)


def _draw_far(
    axes: Axes, most: float, *, fitted: ModelResult, points: Sequence[SessionSpeedup]
) -> None:
    ratio = points[0].hit_ratio
    xs = np.linspace(0, most, _FAR_STEPS).tolist()
    for name, (trips, tone, line) in _CODES.items():
        ys = [predicted(fitted, ratio, x, trips) for x in xs]
        axes.plot(xs, ys, color=TONES[tone].light, linestyle=line, label=name)
    color = TONES["ink"].light
    for point in points:
        if point.low is not None and point.high is not None:
            axes.plot([point.redis_ms] * 2, [point.low, point.high], color=color)
    xs = [point.redis_ms for point in points]
    axes.plot(xs, [p.speedup for p in points], "o", color=color, label="measured")
    panels.dashed(axes, (1,))
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="ms added to a round trip to Redis", ylabel="times as fast")


def _far_rows(points: Sequence[SessionSpeedup]) -> list[list[str]]:
    return [
        [
            f"measured, {point.regime}",
            *cells(point, ("redis_ms", "speedup", "low", "high")),
        ]
        for point in points
    ]


def _curve_rows(fitted: ModelResult, ratio: float, most: float) -> list[list[str]]:
    return [
        [f"predicted, {name}", cell(x), cell(predicted(fitted, ratio, x, trips)), "", ""]
        for name, (trips, _, _) in _CODES.items()
        for x in np.linspace(0, most, 12).tolist()
    ]


def _far_described(points: Sequence[SessionSpeedup]) -> str:
    return "; ".join(f"{times(point.speedup)} at {point.redis_ms:g} ms" for point in points)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPoint:
    """A mix that writes: what was measured of it, and what the model predicts at its hits."""

    name: str
    share: float
    hit_ratio: float
    speedup: float
    predicted: float


@dataclass(frozen=True, slots=True)
class WriteCase:
    """A panel: whose numbers, and what was measured with them."""

    name: str
    model: CostModel
    write_ms: float
    points: Sequence[WrittenPoint] = ()

    def speedup(self, share: float, what: str) -> float:
        """Return S at the most hits that so many writes leave, of reads or of all operations."""
        writes = Writes(share=share, write_ms=self.write_ms)
        if what == _READS:
            return speedup_at(self.model, writes.cap)
        return overall_speedup(self.model, writes, writes.cap)


def make_writes(results: Results) -> Figure | None:
    """Draw S against the share of writes, with the tutorial's numbers and the run's."""
    fitted = first_model(results)
    if fitted is None or fitted.fit.write_ms is None:
        return None
    write_ms = fitted.fit.write_ms
    cases = [
        WriteCase("the tutorial's 50 ms and 1 ms", SEED_MODEL, SEED_MODEL.database_ms),
        WriteCase(
            "this run", fitted.fit.model, write_ms, list(_written_points(results, fitted, write_ms))
        ),
    ]
    promised = fitted.wanted
    draw = partial(_draw_writes, promised=promised)
    names = [*_STYLES, *(_MARKS if cases[1].points else [])]
    return panels.figure(
        # The first panel has no points, and the legend is the first panel's.
        cases[::-1],
        draw,
        name="writes",
        title="What writes leave of it",
        caption=(
            "A write empties the entry, so with reads and writes in random order no more than the "
            "share of reads can hit. Lines: that many hit, nothing expires. Points: mixes of the "
            "run, which lie lower since each block starts from an empty cache, and crosses: what "
            f"the model predicts at the hits they had. Dashed: 1 and the promised {promised:g}x."
        ),
        alt=f"{'; '.join(_written_described(case, promised) for case in cases)}.",
        table=Table(
            ("source", "share of writes", "of", "hit ratio", "times as fast", "predicted"),
            [row for case in cases for row in _written_rows(case)],
        ),
        names=names,
        panel=215,
    )


def _written_points(
    results: Results, fitted: ModelResult, write_ms: float
) -> Iterator[WrittenPoint]:
    for mix in results.workloads:
        if mix.variant == fitted.variant and mix.writes and mix.speedup:
            share = mix.writes / mix.operations
            writes = Writes(share=share, write_ms=write_ms)
            yield WrittenPoint(
                name=mix.scenario,
                share=share,
                hit_ratio=mix.hit_ratio,
                speedup=mix.speedup.centre,
                predicted=overall_speedup(fitted.fit.model, writes, mix.hit_ratio),
            )


def _written_rows(case: WriteCase) -> Iterator[list[str]]:
    for share in np.linspace(0, _MOST_SHARE, 13).tolist():
        for what in _STYLES:
            value = cell(case.speedup(share, what))
            yield [case.name, cell(share), what, cell(1 - share), value, value]
    for point in case.points:
        numbers = cells(point, ("hit_ratio", "speedup", "predicted"))
        yield [f"measured, {point.name}", cell(point.share), _ALL, *numbers]


def _draw_writes(axes: Axes, case: WriteCase, *, promised: float) -> None:
    shares = np.linspace(0, _MOST_SHARE, _SHARE_STEPS + 1).tolist()
    values = [1.0, promised, *(point.speedup for point in case.points)]
    for what, (tone, line) in _STYLES.items():
        ys = [case.speedup(share, what) for share in shares]
        values += ys
        axes.plot(shares, ys, color=TONES[tone].light, linestyle=line, label=what)
    if case.points:
        xs = [point.share for point in case.points]
        for label, (field, marker, color) in _MARKS.items():
            ys = [getattr(point, field) for point in case.points]
            size = 11 if marker == "+" else 5
            axes.plot(xs, ys, marker, color=color, markersize=size, label=label)
    panels.dashed(axes, (1, promised))
    panels.log_axis(axes, min(values), max(values))
    axes.set_xlim(0, _MOST_SHARE)
    axes.set(xlabel="share of writes", ylabel="times as fast (log)")
    style.heading(axes, case.name)


def _written_described(case: WriteCase, promised: float) -> str:
    few, half = (times(case.speedup(share, _ALL)) for share in (0.05, 0.5))
    most = most_writes_for_reads(case.model, promised)
    reach = (
        f"reads never reach {promised:g}x"
        if most is None
        else f"reads reach {promised:g}x up to {most:.1%} writes"
    )
    return f"{case.name}: all operations {few} with 5 % writes, {half} with 50 %, {reach}"
