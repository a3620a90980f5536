"""The figures of a report, each made from the results of a run only."""

from collections.abc import Callable, Sequence

from benchmarks.report.computed import Results
from benchmarks.report.figure import Figure
from benchmarks.report.plots import (
    break_even,
    cumulative,
    forest,
    hit_ratio,
    percentiles,
    rates,
    requests,
    residuals,
    spans,
    sweep,
    timeline,
)

Maker = Callable[[Results], Figure | None]
"""Draws one figure; returns None where the run lacks the data for it."""


def figures(results: Results) -> list[Figure]:
    """Return every figure for which the run has data, in the order of the page."""
    makers: Sequence[Maker] = (
        forest.make,
        timeline.make,
        cumulative.make,
        percentiles.make,
        break_even.make_map,
        break_even.make,
        requests.make,
        sweep.make_database,
        sweep.make_redis,
        hit_ratio.make,
        residuals.make,
        spans.make,
        rates.make,
    )
    made = (make(results) for make in makers)
    return [figure for figure in made if figure is not None]
