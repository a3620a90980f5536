"""Drawing, for those who may never come to it."""

from collections.abc import Sequence

from benchmarks.report.figure import Figure
from benchmarks.report.results import Results


def draw_figures(results: Results) -> Sequence[Figure]:
    """Return the figures of a report; see ``benchmarks.report.plots``."""
    # Matplotlib takes half a second to import, and is needed at the end of a run at the earliest.
    from benchmarks.report.plots import figures  # noqa: PLC0415

    return figures(results)
