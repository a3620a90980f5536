"""Services that are not ours, one with a cache: how fast each request is by how often it hits."""

from functools import partial

import numpy as np

from benchmarks.analysis.model.cost import CostModel, speedup_at
from benchmarks.analysis.quantities.endpoints import EndpointSummary
from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.figures import times, two_decimals
from benchmarks.report.page import Table
from benchmarks.report.plots import panels
from benchmarks.report.plots.break_even import TONED, draw_speedups
from benchmarks.report.plots.rows import cell

_LONGEST = 44
"""Characters of a name in the legend."""


def make(results: Results) -> Figure | None:
    """Draw S(h) of the requests of which hits and misses were seen, most asked for first."""
    costs = {_name(row): (row, model) for row, model in _known(results)[:TONED]}
    if not costs:
        return None
    curves = {name: model for name, (_, model) in costs.items()}
    reference = results.options.variants[0]
    points = [
        (row.hit_ratio, row.ratio.centre)
        for row, _ in costs.values()
        if row.ratio and row.hit_ratio is not None
    ]
    rows = [
        [name, cell(share), cell(speedup_at(model, share))]
        for name, model in curves.items()
        for share in np.linspace(0, 1, 11).tolist()
    ]
    return panels.figure(
        [curves],
        partial(draw_speedups, points=points, levels=(1.0,)),
        name="break-even",
        title="Where a cache is worth it",
        caption=(
            f"The speedup of a request against {reference} at each hit ratio, computed from the "
            f"mean times at {reference}, of hits and of misses. The points are measured. Below 1 "
            "the cache costs time."
        ),
        alt="; ".join(_said(name, row, model) for name, (row, model) in costs.items()) + ".",
        table=Table(("request", "hit ratio", "speedup"), rows),
        names=[*curves, "measured"],
        panel=260,
    )


def _known(results: Results) -> list[tuple[EndpointSummary, CostModel]]:
    rows = [
        (row, row.costs)
        for summary in results.summaries
        for row in summary.endpoints or ()
        if row.costs
    ]
    return sorted(rows, key=lambda each: -each[0].requests)


def _name(row: EndpointSummary) -> str:
    return f"{row.variant}: {row.action}"[:_LONGEST]


def _said(name: str, row: EndpointSummary, model: CostModel) -> str:
    return (
        f"{name}: {times(speedup_at(model, 1.0))} when every request hits, measured at a hit ratio "
        f"of {two_decimals(row.hit_ratio)}"
    )
