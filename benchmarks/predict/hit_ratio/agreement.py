"""The measured points as pictures: how far from their predictions, and from an empty cache on."""

from collections.abc import Sequence
from functools import partial

from matplotlib.figure import Figure as Canvas

from benchmarks.predict.hit_ratio.results import WITHIN
from benchmarks.predict.hit_ratio.view import label
from benchmarks.report.figure import Figure
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.results import Results
from benchmarks.report.tones import TONES

LINE, MARK = TONES["blue"].light, TONES["vermilion"].light
"""What is predicted, and what is measured."""
_ROW, _FOOT = 26.0, 75.0


def make_agreement(results: Results) -> Figure | None:
    """Draw how far each measured point lies from its prediction."""
    points = results["points"]
    if not points:
        return None
    title = "Measured minus predicted"
    near = sum(point["within"] for point in points)
    return Figure(
        name="agreement",
        title=title,
        caption=(
            f"The measured hit ratio minus the predicted one, with 95 % intervals; the band is "
            f"{WITHIN:g} to either side."
        ),
        alt=(
            f"{near} of {len(points)} points lie within {WITHIN:g}. "
            + "; ".join(f"{label(point)} {point['off_by']['centre']:+.3f}" for point in points)
            + "."
        ),
        table=Table(
            ("point", "predicted", "measured", "low", "high"),
            [
                [label(point), f"{point['predicted']:.4f}", *texts(point["measured"])]
                for point in points
            ],
        ),
        svg=style.to_svg(
            partial(_draw_agreement, points=points),
            title=title,
            height=_ROW * len(points) + _FOOT,
        ),
    )


def make_start(results: Results) -> Figure | None:
    """Draw the asked point's hit ratio from the first operation on."""
    if not results["points"]:
        return None
    point = results["points"][0]
    places, done = [], 0
    for measured, _, operations, reads, hits in point["blocks"]:
        if reads:
            places.append((done + operations / 2, hits / reads, measured))
        done += operations
    title = "The hit ratio from an empty cache"
    return Figure(
        name="start",
        title=title,
        caption=(
            "The asked point, block by block from an empty cache. The dashed line is what the "
            "prediction says of a warm one; only the filled marks are counted."
        ),
        alt=(
            f"From {places[0][1]:.2f} in the first block to {places[-1][1]:.2f} in the last; "
            f"predicted {point['predicted']:.2f}."
        ),
        table=Table(
            ("operation", "hit_ratio", "counted"),
            [[f"{x:.0f}", f"{y:.4f}", "yes" if is_in else "no"] for x, y, is_in in places],
        ),
        svg=style.to_svg(
            partial(_draw_start, places=places, predicted=point["predicted"]),
            title=title,
            height=230,
        ),
    )


def texts(interval: Entry) -> list[str]:
    """Return an interval as cells."""
    return [f"{interval[key]:.4f}" for key in ("centre", "low", "high")]


def _draw_agreement(canvas: Canvas, *, points: Sequence[Entry]) -> None:
    axes = canvas.subplots()
    axes.axvspan(-WITHIN, WITHIN, color=style.BAND)
    axes.axvline(0, color=style.EDGE, linewidth=1)
    for row, point in enumerate(points):
        off_by = point["off_by"]
        axes.plot([off_by["low"], off_by["high"]], [row, row], color=MARK)
        axes.plot([off_by["centre"]], [row], "o", color=MARK)
    style.ticks(axes.yaxis, range(len(points)), [label(point) for point in points])
    axes.invert_yaxis()
    axes.set_xlabel("measured minus predicted")


def _draw_start(
    canvas: Canvas, *, places: Sequence[tuple[float, float, bool]], predicted: float
) -> None:
    axes = canvas.subplots()
    panels.dashed(axes, [predicted])
    axes.plot([x for x, _, _ in places], [y for _, y, _ in places], color=LINE)
    for x, y, is_counted in places:
        axes.plot([x], [y], "o", color=LINE, mfc=LINE if is_counted else style.PAPER)
    axes.set_ylim(0, 1.03)
    axes.set_xlim(left=0)
    axes.grid(visible=True, axis="y")
    axes.set_xlabel("operation")
    axes.set_ylabel("hit ratio")
