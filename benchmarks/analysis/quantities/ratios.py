"""The ratio of two variants' times: the one estimator of it."""

from collections.abc import Callable, Sequence

from benchmarks.analysis.quantities.blocks import block_totals_ms
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS, Interval, nested_log_interval
from benchmarks.storage.records import Sample

Which = Callable[[Sample], bool]


def everything(_sample: Sample) -> bool:
    """Have every request count."""
    return True


def time_ratio(
    samples: Sequence[Sample], above: str, below: str, *, of: Which = everything
) -> Interval | None:
    """Return the total time of one variant over that of another, of the requests that count.

    It is the ratio of what their blocks took, paired within restarts, each restart being one
    observation where there are several: see ``nested_log_interval`` for formula, sources and
    coverage. Both did the same, so it is the ratio of their mean times as well. Only where what a
    machine adds is as large and as skewed as the times themselves it is that of usual blocks, which
    a few very slow ones move less (simulated: 1.12 where means have 1.11, and with ten times that
    noise 1.04 where they have 1.02). Whether a request counts is told by its place or its action
    and never by what came of it, so that nothing is chosen by its outcome. None for fewer than two
    observations, or other ones of the one variant than of the other.
    """
    counted = [sample for sample in samples if of(sample)]
    sides = [
        {sample.observation for sample in counted if sample.variant == name}
        for name in (above, below)
    ]
    if sides[0] != sides[1] or len(sides[0]) < LEAST_OBSERVATIONS:
        return None
    return nested_log_interval(block_totals_ms(counted, above), block_totals_ms(counted, below))
