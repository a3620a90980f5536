"""What writes leave of a cache: the speedup against the share of writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from benchmarks.analysis.claims.claim import SEED_MODEL
from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.analysis.model.writes import Writes, most_writes_for_reads, overall_speedup
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times
from benchmarks.report.page import Entry, Table
from benchmarks.report.plots import panels, style
from benchmarks.report.plots.rows import cell
from benchmarks.report.results import Results
from benchmarks.report.tones import TONES
from notebooks.lib.plots.fitted import Fitted

_READS, _ALL = "reads", "all operations"
_MARKS = {"measured": ("speedup", "o", style.INK), "foreseen": ("foreseen", "+", style.INK)}
_LOOKS = {_READS: ("blue", "-"), _ALL: ("vermilion", (0, (4, 1.5)))}
_MOST, _STEPS = 0.6, 120


@dataclass(frozen=True, slots=True)
class WriteCase:
    """A panel: whose numbers, and what was measured with them."""

    name: str
    model: CostModel
    write_ms: float
    points: Sequence[Entry] = ()

    def speedup(self, share: float, what: str) -> float:
        """Return S at the most hits that so many writes leave, of reads or of all operations."""
        writes = Writes(share=share, write_ms=self.write_ms)
        if what == _READS:
            return speedup_at(self.model, writes.cap)
        return overall_speedup(self.model, writes, writes.cap)


def make(results: Results) -> Figure | None:
    """Draw S against the share of writes, with the starting document's numbers and the run's."""
    fitted = Fitted.of(results)
    if fitted is None or fitted.entry["fit"]["write_ms"] is None:
        return None
    write_ms = fitted.entry["fit"]["write_ms"]
    title = "What writes leave of it"
    cases = [
        WriteCase("the tutorial's 50 ms and 1 ms", SEED_MODEL, SEED_MODEL.database_ms),
        WriteCase("this run", fitted.model, write_ms, list(_points(results, fitted, write_ms))),
    ]
    wanted = fitted.entry["wanted"]
    draw = partial(_draw, wanted=wanted)
    names = [*_LOOKS, *(_MARKS if cases[1].points else [])]
    return Figure(
        name="writes",
        title=title,
        caption=(
            "A write empties the entry, so with reads and writes in random order no more than the "
            "share of reads can hit. Lines: that many hit, nothing expires. Points: mixes of the "
            "run, which lie lower since each block starts from an empty cache, and crosses: what "
            f"the model foresees at the hits they had. Dashed: 1 and the promised {wanted:g}x."
        ),
        alt=f"{'; '.join(_described(case, wanted) for case in cases)}.",
        table=Table(
            ("source", "share of writes", "of", "hit ratio", "times as fast", "foreseen"),
            [row for case in cases for row in _rows(case)],
        ),
        # The first panel has no points, and the legend is the first panel's.
        svg=panels.stacked(cases[::-1], draw, title=title, names=names, panel=215),
    )


def _points(results: Results, fitted: Fitted, write_ms: float) -> Iterator[Entry]:
    for mix in results.get("workloads", ()):
        if mix["variant"] == fitted.variant and mix["writes"] and mix["speedup"]:
            share = mix["writes"] / mix["operations"]
            writes = Writes(share=share, write_ms=write_ms)
            yield {
                "name": mix["scenario"],
                "share": share,
                "hit_ratio": mix["hit_ratio"],
                "speedup": mix["speedup"]["centre"],
                "foreseen": overall_speedup(fitted.model, writes, mix["hit_ratio"]),
            }


def _rows(case: WriteCase) -> Iterator[list[str]]:
    for share in np.linspace(0, _MOST, 13).tolist():
        for what in _LOOKS:
            value = cell(case.speedup(share, what))
            yield [case.name, cell(share), what, cell(1 - share), value, value]
    for point in case.points:
        numbers = (cell(point[name]) for name in ("hit_ratio", "speedup", "foreseen"))
        yield [f"measured, {point['name']}", cell(point["share"]), _ALL, *numbers]


def _draw(axes: Axes, case: WriteCase, *, wanted: float) -> None:
    shares = np.linspace(0, _MOST, _STEPS + 1).tolist()
    values = [1.0, wanted, *(point["speedup"] for point in case.points)]
    for what, (tone, line) in _LOOKS.items():
        ys = [case.speedup(share, what) for share in shares]
        values += ys
        axes.plot(shares, ys, color=TONES[tone].light, linestyle=line, label=what)
    if case.points:
        xs = [point["share"] for point in case.points]
        for label, (field, marker, color) in _MARKS.items():
            ys = [point[field] for point in case.points]
            size = 11 if marker == "+" else 5
            axes.plot(xs, ys, marker, color=color, markersize=size, label=label)
    panels.dashed(axes, (1, wanted))
    panels.log_axis(axes, min(values), max(values))
    axes.set_xlim(0, _MOST)
    axes.set_xlabel("share of writes")
    axes.set_ylabel("times as fast (log)")
    style.heading(axes, case.name)


def _described(case: WriteCase, wanted: float) -> str:
    few, half = (times(case.speedup(share, _ALL)) for share in (0.05, 0.5))
    most = most_writes_for_reads(case.model, wanted)
    reach = (
        f"reads never reach {wanted:g}x"
        if most is None
        else f"reads reach {wanted:g}x up to {most:.1%} writes"
    )
    return f"{case.name}: all operations {few} with 5 % writes, {half} with 50 %, {reach}"
