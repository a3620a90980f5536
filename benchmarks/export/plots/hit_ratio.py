"""The hit ratio from the first operation on: warm-up is a part of what a cache is."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from benchmarks.export.figure import Figure
from benchmarks.export.page import Entry, Table
from benchmarks.export.plots import panels, style
from benchmarks.export.plots.rows import cells, variants_of
from benchmarks.export.results import Results

_COLUMNS = ("scenario", "regime", "variant", "operation", "hit_ratio", "reads")
_MOST = 8


def make(results: Results) -> Figure | None:
    """Draw each mix's hit ratio by the place in a block that starts cold."""
    rows = list(results.get("series", {}).get("hit_ratio_over_time", ()))
    if not rows:
        return None
    title = "Hit ratio from a cold start"
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))[:_MOST]
    drawn = [row for row in rows if row["scenario"] in scenarios]
    draw = partial(_draw, rows=drawn, looks=style.looks(results), means=_means(results))
    return Figure(
        name="hit-ratio",
        title=title,
        caption=(
            "Which part of the reads found every slot in the cache, by how many operations came "
            "before; every block starts empty. Dashed: the mean over the block, which is what a "
            "short test reports as its hit ratio. Writes and expiry keep the plateau below 1."
        ),
        alt=_alt(drawn, scenarios),
        table=Table(_COLUMNS, [cells(row, _COLUMNS) for row in drawn]),
        svg=panels.stacked(scenarios, draw, title=title, names=list(variants_of(drawn)), panel=150),
    )


def _means(results: Results) -> dict[tuple[str, str], float]:
    return {
        (entry["scenario"], entry["variant"]): entry["hit_ratio"]
        for entry in results.get("workloads", ())
    }


def _draw(
    axes: Axes,
    scenario: str,
    *,
    rows: Sequence[Entry],
    looks: dict[str, style.Look],
    means: dict[tuple[str, str], float],
) -> None:
    own = [row for row in rows if row["scenario"] == scenario]
    for variant in variants_of(own):
        look, points = looks[variant], [row for row in own if row["variant"] == variant]
        axes.plot(
            [row["operation"] for row in points],
            [row["hit_ratio"] for row in points],
            color=look.color,
            linestyle=look.line,
            label=variant,
        )
        if (scenario, variant) in means:
            mean = means[scenario, variant]
            axes.axhline(mean, color=look.color, linewidth=0.8, linestyle=(0, (3, 2)))
    axes.set_ylim(0, 1.03)
    axes.set_xlim(left=0)
    style.ticks(axes.yaxis, [0, 0.5, 1])
    axes.grid(visible=True, axis="y")
    axes.set_ylabel("hit ratio")
    axes.set_xlabel("operation of a block")
    style.heading(axes, scenario)


def _alt(rows: Sequence[Entry], scenarios: Sequence[str]) -> str:
    said = []
    for scenario in scenarios:
        for variant in variants_of(rows):
            own = [
                row["hit_ratio"]
                for row in rows
                if (row["scenario"], row["variant"]) == (scenario, variant)
            ]
            if own:
                said.append(f"{scenario}, {variant}: from {own[0]:.2f} to {own[-1]:.2f}")
    return f"{'; '.join(said)}."
