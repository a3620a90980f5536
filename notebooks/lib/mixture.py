"""Three stories of one measurement: the speedup at the mean, at the median and in the tail."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.analysis.model.mixture import Empirical, Mixture, quantile_ms
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell, claimed, regimes_of
from benchmarks.report.results import Results
from benchmarks.report.tones import TONES
from notebooks.lib.costs import Fitted

_STATISTICS: Mapping[str, tuple[str, str, str | tuple[int, tuple[float, ...]]]] = {
    "p50": ("green", "s", (0, (4, 1.5))),
    "mean": ("blue", "o", "-"),
    "p99": ("vermilion", "^", (0, (1, 1))),
}
_MEASURED, _PREDICTED, _MEAN = "measured", "foreseen from h", "the mean"
_STEPS, _STEP = 100, 1e-6


def make(results: Results) -> Figure | None:
    """Draw how many times as fast each percentile of a session's reads is, and the mean."""
    fitted = Fitted.of(results)
    rows = [] if fitted is None else list(_ratios(results, fitted))
    if fitted is None or not rows:
        return None
    title = "How many times as fast, by percentile"
    draw = partial(_draw, rows=rows)
    return Figure(
        name="three-stories",
        title=title,
        caption=(
            "Each percentile of the reads without a cache over the same percentile with one, of "
            f"the scenario {fitted.scenario}. The line is foreseen: up to the hit ratio a "
            "percentile is a hit, above it a miss. Dashed: the mean, which is what a whole session "
            "gains, and 1. The scale is logarithmic."
        ),
        alt="; ".join(_described(rows)) + ".",
        table=Table(
            ("regime", "percentile", "times as fast", "foreseen", "mean", "hit ratio"),
            [[cell(value) for value in row.values()] for row in rows],
        ),
        svg=panels.stacked(regimes_of(rows), draw, title=title, names=[_MEASURED, _PREDICTED]),
    )


def make_by_hit_ratio(results: Results) -> Figure | None:
    """Draw the three speedups that the model foresees for each hit ratio, and measured ones."""
    fitted = Fitted.of(results)
    if fitted is None:
        return None
    title = "Mean, median and p99 by hit ratio"
    points = [*_session_points(results, fitted), *_mix_points(results, fitted)]
    draw = partial(_draw_by_hit_ratio, points=points)
    model = fitted.model
    curves = [
        ["foreseen", cell(share), name, cell(stated(model, share, name))]
        for share in [step / 20 for step in range(21)]
        for name in _STATISTICS
    ]
    return Figure(
        name="stories-by-hit-ratio",
        title=title,
        caption=(
            "Lines: the cost model of this run, in which every hit takes the same time and every "
            "miss too. The median changes sides where half of the reads hit, p99 where 99 % do; "
            "only the mean moves with every hit. Points: what was measured of reads alone: "
            f"{', '.join(dict.fromkeys(point['name'] for point in points)) or 'nothing'}."
        ),
        alt=(
            f"At a hit ratio of 0.8: p50 {times(stated(model, 0.8, 'p50'))}, mean "
            f"{times(stated(model, 0.8, 'mean'))}, p99 {times(stated(model, 0.8, 'p99'))}."
        ),
        table=Table(
            ("source", "hit ratio", "statistic", "times as fast"),
            [
                *curves,
                *(
                    [point["name"], cell(point["hit_ratio"]), name, cell(point[name])]
                    for point in points
                    for name in _STATISTICS
                ),
            ],
        ),
        svg=panels.stacked([model], draw, title=title, names=[*_STATISTICS], panel=260),
    )


def stated(model: CostModel, hit_ratio: float, statistic: str) -> float:
    """Return the speedup at the mean, p50 or p99 where hits and misses each take one time."""
    if statistic == "mean":
        return speedup_at(model, hit_ratio)
    return at_percentile(model, hit_ratio, float(statistic.removeprefix("p")))


def at_percentile(model: CostModel, hit_ratio: float, percentile: float) -> float:
    """Return the speedup of a percentile where hits and misses each take one time (METHOD 2.4)."""
    hits, misses = Empirical([model.hit_total_ms]), Empirical([model.miss_total_ms])
    cached = Mixture(hits, misses, hit_ratio)
    return model.uncached_ms / quantile_ms(cached, percentile / 100)


def _ratios(results: Results, fitted: Fitted) -> Iterator[Entry]:
    found = _by_percentile(results, fitted)
    for summary in results["summaries"]:
        own = next((v for v in summary["variants"] if v["variant"] == fitted.variant), None)
        mean = next((r for r in summary["ratios"] if r["variant"] == fitted.variant), None)
        if summary["scenario"] != fitted.scenario or not (own and mean and summary["database_ms"]):
            continue
        model = fitted.at(summary["database_ms"])
        for percentile, ratio in found.get(summary["regime"], {}).items():
            yield {
                "regime": summary["regime"],
                "percentile": percentile,
                "ratio": ratio,
                "foreseen": at_percentile(model, own["hit_ratio"], percentile),
                "mean": mean["ratio"],
                "hit_ratio": own["hit_ratio"],
            }


def _by_percentile(results: Results, fitted: Fitted) -> dict[str, dict[float, float]]:
    """Return the ratio of each percentile that both have, by regime."""
    both: dict[str, dict[float, dict[str, float]]] = {}
    for row in claimed(results, "percentiles"):
        if row["scenario"] == fitted.scenario:
            percentile = both.setdefault(row["regime"], {}).setdefault(row["percentile"], {})
            percentile[row["variant"]] = row["ms"]
    off, on = fitted.entry["reference"], fitted.variant
    return {
        regime: {
            percentile: ms[off] / ms[on] for percentile, ms in own.items() if {off, on} <= {*ms}
        }
        for regime, own in both.items()
    }


def _session_points(results: Results, fitted: Fitted) -> Iterator[Entry]:
    rows = {
        row["percentile"]: row for row in _ratios(results, fitted) if row["regime"] == fitted.regime
    }
    if {50, 99} <= {*rows}:
        yield {
            "name": fitted.scenario,
            "hit_ratio": rows[50]["hit_ratio"],
            "p50": rows[50]["ratio"],
            "mean": rows[50]["mean"],
            "p99": rows[99]["ratio"],
        }


def _mix_points(results: Results, fitted: Fitted) -> Iterator[Entry]:
    """Yield the mixes of reads on the database as it is; a write is neither a hit nor a miss."""
    for mix in results.get("workloads", ()):
        shown = mix["percentiles"]
        usable = mix["reads_speedup"] and shown["p50"] and shown["p99"] and not mix["writes"]
        if mix["variant"] == fitted.variant and mix["regime"] == fitted.regime and usable:
            yield {
                "name": mix["scenario"],
                "hit_ratio": mix["hit_ratio"],
                "p50": shown["p50"],
                "mean": mix["reads_speedup"]["centre"],
                "p99": shown["p99"],
            }


def _draw(axes: Axes, regime: str, *, rows: Sequence[Entry]) -> None:
    own = [row for row in rows if row["regime"] == regime]
    xs = [row["percentile"] for row in own]
    axes.plot(
        xs,
        [row["ratio"] for row in own],
        "o",
        color=TONES["blue"].light,
        label=_MEASURED,
        zorder=3,
    )
    edge = 100 * own[0]["hit_ratio"]
    levels = [max(row["foreseen"] for row in own), min(row["foreseen"] for row in own)]
    axes.plot(
        [0, edge, edge, 100],
        [levels[0], levels[0], levels[1], levels[1]],
        color=TONES["vermilion"].light,
        label=_PREDICTED,
    )
    panels.dashed(axes, (1, own[0]["mean"]))
    mean = own[0]["mean"]
    axes.text(1, mean * 1.08, f"{_MEAN}, {times(mean)}", color=style.MUTED, fontsize=11)
    values = [1.0, mean, *levels, *(row["ratio"] for row in own)]
    panels.log_axis(axes, min(values), max(values))
    axes.set_xlim(0, 100)
    style.ticks(axes.xaxis, [0, 25, 50, 75, 100])
    axes.set_xlabel("percentile")
    axes.set_ylabel("times as fast (log)")
    style.heading(axes, regime)


def _draw_by_hit_ratio(axes: Axes, model: CostModel, *, points: Sequence[Entry]) -> None:
    values = [1.0]
    for name, (tone, marker, line) in _STATISTICS.items():
        shares = _hit_ratios(name)
        ys = [stated(model, share, name) for share in shares]
        values += [*ys, *(point[name] for point in points)]
        color = TONES[tone].light
        axes.plot(shares, ys, color=color, linestyle=line, label=name)
        xs = [point["hit_ratio"] for point in points]
        axes.plot(xs, [point[name] for point in points], marker, color=color, markersize=6)
    panels.dashed(axes, (1,))
    panels.log_axis(axes, min(values), max(values))
    axes.set_xlim(0, 1)
    axes.set_xlabel("hit ratio")
    axes.set_ylabel("times as fast (log)")


def _hit_ratios(statistic: str) -> list[float]:
    """Return the hit ratios that a curve is drawn through; a percentile only changes sides."""
    if statistic == "mean":
        return [step / _STEPS for step in range(_STEPS + 1)]
    edge = float(statistic.removeprefix("p")) / 100
    return [0, edge - _STEP, edge, 1]


def _described(rows: Sequence[Entry]) -> Iterator[str]:
    for regime in regimes_of(rows):
        own = {row["percentile"]: row for row in rows if row["regime"] == regime}
        shown = [f"p{each:g} {times(own[each]['ratio'])}" for each in (50, 95, 99) if each in own]
        mean = next(iter(own.values()))["mean"]
        yield f"{regime}: mean {times(mean)}, {', '.join(shown)}"
