"""The forest plot: every ratio of a run with its interval, on one scale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from matplotlib.axes import Axes

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import MISSING, bounds, significant, times
from benchmarks.report.page import Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import claimed_ratios, unique

_HEADINGS = ("scenario", "regime", "variant", "ratio", "low 90 %", "high 90 %")
_LINE, _ENDS = 17, 60
"""Units of the canvas: the height of a line, and of what is above and below all of them."""
_NARROWEST = (0.95, 1.3)


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A ratio reference / variant; no interval is shown where there was too little to say."""

    scenario: str
    regime: str
    variant: str
    ratio: float
    shown: Interval | None

    @property
    def case(self) -> str:
        """Return what was measured, in which regime."""
        return f"{self.scenario}, {self.regime}" if self.regime else "each against itself"

    @property
    def number(self) -> str:
        """Return the ratio with its interval."""
        return f"{times(self.ratio)} {bounds(self.shown)}"


def make(results: Results) -> Figure | None:
    """Draw what verdicts are about: the claims' regimes, the mixes, and each against itself."""
    rows = [*_rows(results)]
    if not rows:
        return None
    lines, claims = [*_lines(rows)], claimed_ratios(results)
    ordered = sorted(rows, key=attrgetter("ratio"))
    dashed = " and ".join(f"{significant(value)}x" for value in claims)
    return panels.figure(
        [lines],
        partial(_draw, styles=style.series_styles(results), claims=claims),
        name="forest",
        title="Every verdict at a glance",
        caption=(
            "The speedup of each variant against the reference, with its 90 % interval, on a "
            "logarithmic scale: right of 1 the variant is faster."
            + (f" Dashed lines: the claimed {dashed}." if claims else "")
        ),
        alt=(
            f"{len(rows)} ratios with intervals, from {ordered[0].number} to {ordered[-1].number}."
        ),
        table=Table(_HEADINGS, [_cells(row) for row in rows]),
        names=unique(row.variant for row in rows),
        panel=_ENDS + _LINE * len(lines),
    )


def _rows(results: Results) -> Iterator[ForestRow]:
    for summary in results.summaries:
        if summary.kind != "mix" and results.roles[summary.regime] == "claim":
            for ratio in summary.ratios:
                yield ForestRow(*summary.key, ratio.variant, ratio.ratio, ratio.shown)
    for mix in results.workloads:
        if mix.speedup:
            centre = mix.speedup.centre
            yield ForestRow(mix.scenario, mix.regime, mix.variant, centre, mix.speedup)
    for noise in results.noise:
        yield ForestRow("a/a", "", noise.variant, noise.ratio.centre, noise.ratio)


def _lines(rows: Sequence[ForestRow]) -> Iterator[ForestRow | str]:
    """Yield what stands one below the other: the name of a case, then its rows."""
    case = ""
    for row in rows:
        if row.case != case:
            case = row.case
            yield case
        yield row


def _draw(
    axes: Axes,
    lines: Sequence[ForestRow | str],
    *,
    styles: Mapping[str, style.SeriesStyle],
    claims: Sequence[float],
) -> None:
    axes.set_ylim(len(lines) - 0.5, -0.5)
    ends = [*_NARROWEST, *claims]
    named: set[str] = set()
    for place, line in enumerate(lines):
        if isinstance(line, str):
            _write(axes, place, line)
            continue
        label = None if line.variant in named else line.variant
        named.add(line.variant)
        _draw_row(axes, place, line, styles[line.variant], label)
        ends += [line.ratio, *([line.shown.low, line.shown.high] if line.shown else [])]
    panels.log_axis(axes, min(ends), max(ends), vertical=False)
    axes.grid(visible=False)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("times as fast (log scale)")
    _draw_references(axes, claims)


def _write(axes: Axes, place: int, case: str) -> None:
    """Write at the left edge, on paper so that no line runs through it."""
    axes.text(
        0,
        place,
        case,
        transform=axes.get_yaxis_transform(),
        va="center",
        color=style.MUTED,
        bbox={"facecolor": style.PAPER, "linewidth": 0, "pad": 1.5},
    )


def _draw_row(
    axes: Axes, place: int, row: ForestRow, look: style.SeriesStyle, label: str | None
) -> None:
    if row.shown is not None:
        ends = [row.shown.low, row.shown.high]
        axes.plot(ends, [place, place], color=look.color, linewidth=2, zorder=2)
    axes.plot(
        [row.ratio],
        [place],
        color=look.color,
        marker=look.marker,
        markersize=5.5,
        linestyle="none",
        label=label,
        zorder=3,
    )
    axes.annotate(
        row.number,
        (1, place),
        (8, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=style.INK,
        annotation_clip=False,
    )


def _draw_references(axes: Axes, claims: Sequence[float]) -> None:
    """Draw a line at 1 and, dashed, at each claim, with the number above it."""
    solid, dashed = "-", (0, (3, 2))
    for value, line in ((1.0, solid), *((claim, dashed) for claim in claims)):
        axes.axvline(value, color=style.EDGE, linewidth=1, linestyle=line, zorder=1)
        # Neighbors on a log scale: their names go to either side.
        side = "center" if value == 1 else "left" if value == claims[-1] else "right"
        axes.annotate(
            significant(value),
            (value, 1),
            ({"left": 2, "center": 0, "right": -2}[side], 6),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=side,
            color=style.MUTED,
            annotation_clip=False,
        )


def _cells(row: ForestRow) -> list[str]:
    shown = row.shown
    ends = [f"{shown.low:g}", f"{shown.high:g}"] if shown else [MISSING, MISSING]
    return [row.scenario, row.regime or MISSING, row.variant, f"{row.ratio:g}", *ends]
