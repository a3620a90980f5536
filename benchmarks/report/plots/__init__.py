"""The figures of a report, each made from the results of a run only."""

from collections.abc import Callable, Sequence

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.plots import (
    break_even,
    forest,
    percentiles,
    spans,
    speedups,
)

Maker = Callable[[Results], Figure | None]
"""Draws one figure; returns None where the run lacks the data for it."""


def figures(results: Results) -> list[Figure]:
    """Return every figure for which the run has data, in the order of the page."""
    makers: Sequence[Maker] = (
        break_even.make_map,
        speedups.make_by_reads,
        spans.make,
        break_even.make_curves,
        percentiles.make,
        speedups.make_by_distance,
        forest.make,
    )
    made = (make(results) for make in makers)
    return [figure for figure in made if figure is not None]
