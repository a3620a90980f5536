"""The cost model's predictions beside the measured figures."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.analysis.model.residuals import LARGEST_ERROR, Residual
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cells
from benchmarks.report.tones import TONES

_COLUMNS = (
    "variant",
    "scenario",
    "regime",
    "what",
    "unit",
    "predicted",
    "measured",
    "error",
    "flagged",
)
_EDGE = 0.5
_Row = tuple[str, Residual]
"""A prediction with the variant whose model made it."""
_LIMIT = f"{LARGEST_ERROR * 100:g} %"
_HEAD, _ROW = 84, 22
_MARKS = {
    False: ("blue", "o", f"within {_LIMIT}"),
    True: ("vermilion", "X", "flagged"),
}


def make(results: Results) -> Figure | None:
    """Draw how far each prediction of each model was off, a point each."""
    rows = [(entry.variant, row) for entry in results.models for row in entry.residuals]
    if not rows:
        return None
    variants = list(dict.fromkeys(variant for variant, _ in rows))
    flags = dict.fromkeys(row.flagged for _, row in rows)
    places = list(dict.fromkeys(_place(row) for _, row in rows))
    draw = partial(_draw, rows=rows, places=places, headed=len(variants) > 1)
    said = f"{sum(row.flagged for _, row in rows)} of {len(rows)} predictions"
    return panels.figure(
        variants,
        draw,
        name="residuals",
        title="Model against measurement",
        caption=_caption(results, rows, said),
        alt=f"{said} are off by more than {_LIMIT}: {_worst(rows)}.",
        table=Table(_COLUMNS, [[variant, *cells(row, _COLUMNS[1:])] for variant, row in rows]),
        names=[_MARKS[flag][2] for flag in flags],
        panel=_HEAD + _ROW * len(places),
    )


def _caption(results: Results, rows: Sequence[_Row], said: str) -> str:
    far = {each.name for each in results.regimes if each.redis_delay_ms is not None}
    return (
        "The cost model is fitted to the session without an injected delay. It then predicts "
        "the other figures from the waiting for the database and the hit ratio. Each point is a "
        "prediction; right of the middle it was too high. The gray band is "
        f"{_LIMIT} either way: {said} lie outside."
        + (
            " A point at an edge is off by more than that."
            if any(abs(row.error) > _EDGE for _, row in rows)
            else ""
        )
        + (
            " For a farther Redis the model is told the longer round trip."
            if any(row.regime in far for _, row in rows)
            else ""
        )
    )


def _draw(
    axes: Axes, variant: str, *, rows: Sequence[_Row], places: Sequence[str], headed: bool
) -> None:
    axes.axvspan(-LARGEST_ERROR, LARGEST_ERROR, color=style.BAND, linewidth=0)
    axes.axvline(0, color=style.EDGE, linewidth=1)
    for flag in dict.fromkeys(row.flagged for _, row in rows):
        tone, marker, label = _MARKS[flag]
        chosen = [row for name, row in rows if (name, row.flagged) == (variant, flag)]
        axes.plot(
            [max(-_EDGE, min(_EDGE, row.error)) for row in chosen],
            [places.index(_place(row)) for row in chosen],
            marker,
            color=TONES[tone].light,
            label=label,
            alpha=0.8,
        )
    axes.set_xlim(-_EDGE * 1.05, _EDGE * 1.05)
    axes.set_ylim(len(places) - 0.5, -0.5)
    style.ticks(axes.yaxis, range(len(places)), places)
    style.ticks(axes.xaxis, [-_EDGE, 0, _EDGE], ["-50 %", "0", "+50 %"])
    axes.set_xlabel("error of the prediction")
    if headed:
        style.heading(axes, variant)


def _place(row: Residual) -> str:
    return f"{row.scenario}, {row.regime}"


def _worst(rows: Sequence[_Row]) -> str:
    variant, row = max(rows, key=lambda each: abs(each[1].error))
    what = f"{row.what} of {variant} in {_place(row)}"
    return f"the farthest is {what}, {100 * row.error:+.0f} %"
