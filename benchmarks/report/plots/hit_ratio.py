"""The hit ratio from the first operation on: warm-up is a part of what a cache is."""

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.quantities.series import HitRatioRow
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import (
    caching,
    cell,
    cells,
    claimed,
    regimes_of,
    scenarios_of,
    variants_of,
)

_COLUMNS = ("scenario", "regime", "variant", "operation", "hit_ratio", "reads")
_PANEL = 150.0

Case = tuple[str, str]
"""A scenario and a regime."""
_Means = Mapping[tuple[str, str, str], float]


def make(results: Results) -> Figure | None:
    """Draw each mix's hit ratio by the place in a block that starts cold."""
    rows = _rows(results)
    if not rows:
        return None
    cases = list(dict.fromkeys((row.scenario, row.regime) for row in rows))
    means = _means(results)
    draw = partial(_draw, rows=rows, styles=style.series_styles(results), means=means)
    changing = {entry.name for entry in results.scenarios if entry.changes}
    written = [name for name in scenarios_of(rows) if name in changing]
    return panels.figure(
        cases,
        draw,
        name="hit-ratio",
        title="Hit ratio from a cold start",
        caption=(
            "The share of reads that found everything in the cache, by the number of operations "
            "before them; every block starts with an empty cache. The marks at the right edge are "
            "the means over the block: a short test reports these as its hit ratio."
            + (
                f" With writes ({', '.join(written)}) reads go on to miss what was written."
                if written
                else ""
            )
        ),
        alt=_alt(rows, cases),
        table=Table(
            (*_COLUMNS, "mean"),
            [
                [*cells(row, _COLUMNS), cell(means.get((row.scenario, row.regime, row.variant)))]
                for row in rows
            ],
        ),
        names=variants_of(rows),
        panel=_PANEL,
    )


def _rows(results: Results) -> list[HitRatioRow]:
    """Return the rows of those that cache or say that they hit."""
    rows = claimed(results, results.series.hit_ratio_over_time)
    names = caching(results) | {row.variant for row in rows if row.hit_ratio}
    return [row for row in rows if row.variant in names]


def _means(results: Results) -> _Means:
    """Return the hit ratio over the whole block by scenario, regime and variant."""
    return {
        (each.scenario, each.regime, each.variant): each.hit_ratio for each in results.workloads
    }


def _draw(
    axes: Axes,
    case: Case,
    *,
    rows: Sequence[HitRatioRow],
    styles: Mapping[str, style.SeriesStyle],
    means: _Means,
) -> None:
    for variant in variants_of(rows):
        series_style, own = styles[variant], _of(rows, case, variant)
        axes.plot(
            [row.operation for row in own],
            [row.hit_ratio for row in own],
            color=series_style.color,
            linestyle=series_style.line,
            label=variant,
        )
        mean = means.get((*case, variant))
        axes.plot(
            [] if mean is None or not own else [1],
            [] if mean is None or not own else [mean],
            color=series_style.color,
            marker=4,  # a triangle whose tip is at the place, left of it
            linestyle="none",
            transform=axes.get_yaxis_transform(),
            clip_on=False,
        )
    axes.set_ylim(0, 1.03)
    axes.set_xlim(0, max(row.operation for row in _of(rows, case)) * 1.05)
    style.ticks(axes.yaxis, [0, 0.5, 1])
    axes.grid(visible=True, axis="y")
    axes.set(xlabel="operation of a block", ylabel="hit ratio")
    style.heading(axes, ", ".join(case) if len(regimes_of(rows)) > 1 else case[0])


def _of(rows: Sequence[HitRatioRow], case: Case, variant: str | None = None) -> list[HitRatioRow]:
    return [
        row for row in rows if (row.scenario, row.regime) == case and variant in {None, row.variant}
    ]


def _alt(rows: Sequence[HitRatioRow], cases: Sequence[Case]) -> str:
    said = []
    for case in cases:
        parts = [
            f"{variant} from {own[0].hit_ratio:.2f} to {own[-1].hit_ratio:.2f}"
            for variant in variants_of(rows)
            if (own := _of(rows, case, variant))
        ]
        said.append(f"{', '.join(case)}: {', '.join(parts)}")
    return f"{'; '.join(said)}."
