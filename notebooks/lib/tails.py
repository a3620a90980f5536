"""Tails and capacity: what one number hides."""

from collections.abc import Sequence

from benchmarks.analysis.quantities.capacity import SweepPoint
from benchmarks.report.figures import count, times
from benchmarks.report.measured import mixes, open_loop, warm_reads
from benchmarks.report.plots import percentiles


def two_gains(points: Sequence[SweepPoint], reference: str, variant: str) -> str:
    """Return how many times as fast a lone request is, and how many times as many there can be.

    One connection sends its requests one after the other, so the ratio of rates over the fewest
    connections is that of times.
    """
    off, on = ([each for each in points if each.variant == name] for name in (reference, variant))
    fewest = min(each.connections for each in points)
    [alone_off, alone_on] = (
        next(each.rate for each in own if each.connections == fewest) for own in (off, on)
    )
    most_off, most_on = (max(each.rate for each in own) for own in (off, on))
    return (
        f"A lone request is answered **{times(alone_on / alone_off)}** as fast. At their best the "
        f"two give {count(round(most_on))} and {count(round(most_off))} answers per second: "
        f"**{times(most_on / most_off)}** as many. Two gains, two numbers."
    )
