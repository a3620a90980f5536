"""The figure of a load sweep as SVG: the same results give the same bytes."""

import io
import textwrap

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.report.capacity import caption
from benchmarks.report.page import Entry
from benchmarks.report.results import Results

# Okabe and Ito's palette, which people see apart who see colors differently; the markers say the
# same once more.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_CAPTION_COLUMNS = 105


def capacity_svg(results: Results) -> str:
    """Return requests per second against connections, for every variant."""
    with mpl.rc_context():
        # What a user has set for figures of their own must not change the report's.
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "fivefold", "svg.fonttype": "none"})
        figure = Figure(figsize=(8, 5.4))
        axes = figure.add_axes((0.1, 0.26, 0.66, 0.68))
        _draw(axes, results)
        figure.text(
            0.02, 0.02, textwrap.fill(caption(results), _CAPTION_COLUMNS), fontsize=8, va="bottom"
        )
        file = io.BytesIO()
        metadata = {"Date": None, "Title": "Capacity against connections"}
        figure.savefig(file, format="svg", metadata=metadata)
        return file.getvalue().decode()


def _draw(axes: Axes, results: Results) -> None:
    variants, connections = results["options"]["variants"], results["options"]["connections"]
    # The legend names the lines in the order in which they end, from above.
    for name in sorted(variants, key=lambda name: -_last_rate(results, name)):
        number = variants.index(name)
        levels = _levels(results, name)
        color, marker = _COLORS[number % len(_COLORS)], _MARKERS[number % len(_MARKERS)]
        xs, ys = [level["connections"] for level in levels], [level["rate"] for level in levels]
        axes.plot(xs, ys, color=color, marker=marker, linewidth=1.5, label=name)
        points = [(level["connections"], rate) for level in levels for rate in level["rates"]]
        axes.plot([x for x, _ in points], [y for _, y in points], ".", color=color, ms=3, alpha=0.6)
    axes.set_xscale("log", base=2)
    axes.set_xticks(connections, [str(each) for each in connections])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("connections (log2)")
    axes.set_ylabel("requests per second")
    axes.grid(axis="y", linewidth=0.4, alpha=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)


def _levels(results: Results, variant: str) -> list[Entry]:
    return [level for level in results["points"] if level["variant"] == variant]


def _last_rate(results: Results, variant: str) -> float:
    return max((level["rate"] for level in _levels(results, variant)[-1:]), default=0.0)
