"""Three stories of one measurement: the speedup at the mean, at the median and in the tail."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.model.cost import CostModel
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, claimed, first_model, regimes_of
from benchmarks.report.tones import TONES

_MEASURED, _PREDICTED, _MEAN = "measured", "predicted from h", "the mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A percentile in a regime: how many times as fast it is, predicted and measured."""

    regime: str
    percentile: float
    ratio: float
    predicted: float
    mean: float
    hit_ratio: float


def make(results: Results) -> Figure | None:
    """Draw how many times as fast each percentile of a session's reads is, and the mean."""
    fitted = first_model(results)
    rows = [] if fitted is None else list(_ratios(results, fitted))
    if fitted is None or not rows:
        return None
    draw = partial(_draw, rows=rows)
    return panels.figure(
        regimes_of(rows),
        draw,
        name="three-stories",
        title="How many times as fast, by percentile",
        caption=(
            "Each percentile of the reads without a cache over the same percentile with one, of "
            f"the scenario {fitted.fit.source.scenario}. The line is predicted: up to the hit "
            "ratio a percentile is a hit, above it a miss. Dashed: the mean, which is what a whole "
            "session gains, and 1. The scale is logarithmic."
        ),
        alt="; ".join(_described(rows)) + ".",
        table=Table(
            ("regime", "percentile", "times as fast", "predicted", "mean", "hit ratio"),
            [list(map(cell, astuple(row))) for row in rows],
        ),
        names=[_MEASURED, _PREDICTED],
    )


def at_percentile(model: CostModel, hit_ratio: float, percentile: float) -> float:
    """Return the speedup of a percentile where hits and misses each take one time."""
    is_hit = percentile <= 100 * hit_ratio
    return model.uncached_ms / (model.hit_total_ms if is_hit else model.miss_total_ms)


def _ratios(results: Results, fitted: ModelResult) -> Iterator[StoryRow]:
    found = _by_percentile(results, fitted)
    for summary in results.summaries:
        mean = next((r for r in summary.ratios if r.variant == fitted.variant), None)
        if summary.scenario != fitted.fit.source.scenario or not (mean and summary.database_ms):
            continue
        own = summary.of(fitted.variant)
        model = fitted.fit.at(summary.database_ms)
        for percentile, ratio in found.get(summary.regime, {}).items():
            yield StoryRow(
                regime=summary.regime,
                percentile=percentile,
                ratio=ratio,
                predicted=at_percentile(model, own.hit_ratio, percentile),
                mean=mean.ratio,
                hit_ratio=own.hit_ratio,
            )


def _by_percentile(results: Results, fitted: ModelResult) -> dict[str, dict[float, float]]:
    """Return the ratio of each percentile that both have, by regime."""
    both: dict[str, dict[float, dict[str, float]]] = {}
    for row in claimed(results, results.series.percentiles):
        if row.scenario == fitted.fit.source.scenario:
            percentile = both.setdefault(row.regime, {}).setdefault(row.percentile, {})
            percentile[row.variant] = row.ms
    off, on = fitted.reference, fitted.variant
    return {
        regime: {
            percentile: ms[off] / ms[on] for percentile, ms in own.items() if {off, on} <= {*ms}
        }
        for regime, own in both.items()
    }


def _draw(axes: Axes, regime: str, *, rows: Sequence[StoryRow]) -> None:
    own = [row for row in rows if row.regime == regime]
    xs = [row.percentile for row in own]
    axes.plot(
        xs,
        [row.ratio for row in own],
        "o",
        color=TONES["blue"].light,
        label=_MEASURED,
        zorder=3,
    )
    edge = 100 * own[0].hit_ratio
    levels = [max(row.predicted for row in own), min(row.predicted for row in own)]
    axes.plot(
        [0, edge, edge, 100],
        [levels[0], levels[0], levels[1], levels[1]],
        color=TONES["vermilion"].light,
        label=_PREDICTED,
    )
    panels.dashed(axes, (1, own[0].mean))
    mean = own[0].mean
    axes.text(1, mean * 1.08, f"{_MEAN}, {times(mean)}", color=style.MUTED, fontsize=11)
    values = [1.0, mean, *levels, *(row.ratio for row in own)]
    panels.log_axis(axes, min(values), max(values))
    axes.set_xlim(0, 100)
    style.ticks(axes.xaxis, [0, 25, 50, 75, 100])
    axes.set(xlabel="percentile", ylabel="times as fast (log)")
    style.heading(axes, regime)


def _described(rows: Sequence[StoryRow]) -> Iterator[str]:
    for regime in regimes_of(rows):
        own = {row.percentile: row for row in rows if row.regime == regime}
        shown = [f"p{each:g} {times(own[each].ratio)}" for each in (50, 95, 99) if each in own]
        mean = next(iter(own.values())).mean
        yield f"{regime}: mean {times(mean)}, {', '.join(shown)}"
