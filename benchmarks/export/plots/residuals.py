"""What the cost model foresaw beside what was measured."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import cells
from benchmarks.export.results import Results

_COLUMNS = ("scenario", "regime", "what", "unit", "predicted", "measured", "error", "flagged")
_LIMIT = 0.1
_EDGE = 0.5


def make(results: Results) -> Figure | None:
    """Draw how far each prediction was off, a point each."""
    entries = [entry for entry in results.get("models", ()) if entry["residuals"]]
    if not entries:
        return None
    title = "Model against measurement"
    rows = entries[0]["residuals"]
    missed = sum(row["flagged"] for row in rows)
    regimes = list(dict.fromkeys(f"{row['scenario']}, {row['regime']}" for row in rows))
    draw = partial(_draw, places=regimes)
    return Figure(
        name="residuals",
        title=title,
        caption=(
            "The model is fitted to the session with the database as it is and then has to foresee "
            "everything else from the waiting for the database alone. Each point is one figure "
            "that it foresaw; right of the middle it foresaw too much. The gray band is 10 % "
            f"either way; {missed} of {len(rows)} lie outside and are flagged."
        ),
        alt=f"{len(rows)} predictions, {len(rows) - missed} of them within 10 %.",
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in rows]),
        svg=panels.stacked(
            [rows], draw, title=title, names=["a", "b"], panel=60 + 24 * len(regimes)
        ),
    )


def _draw(axes: Axes, rows: Sequence[Entry], *, places: Sequence[str]) -> None:
    axes.axvspan(-_LIMIT, _LIMIT, color=style.BAND, linewidth=0)
    axes.axvline(0, color=style.EDGE, linewidth=1)
    for flagged, tone, marker, label in (
        (False, "blue", "o", "within 10 %"),
        (True, "vermilion", "X", "missed"),
    ):
        chosen = [row for row in rows if row["flagged"] == flagged]
        axes.plot(
            [max(-_EDGE, min(_EDGE, row["error"])) for row in chosen],
            [places.index(f"{row['scenario']}, {row['regime']}") for row in chosen],
            marker,
            color=style.TONES[tone].light,
            linestyle="none",
            label=label,
            alpha=0.8,
        )
    axes.set_xlim(-_EDGE * 1.05, _EDGE * 1.05)
    axes.set_ylim(len(places) - 0.5, -0.5)
    style.ticks(axes.yaxis, range(len(places)), places)
    style.ticks(axes.xaxis, [-0.5, -0.1, 0.1, 0.5], ["-50 %", "-10 %", "+10 %", "+50 %"])
    axes.set_xlabel("foreseen against measured")
