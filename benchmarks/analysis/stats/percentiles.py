"""Percentiles of request times with their intervals; ``p`` is in per cent throughout."""

import math
import statistics
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    from_log,
    log_ratios,
    mean_interval,
)

GROUPS = 8
"""Of the blocks of one start; t of 7 degrees of freedom is 15 % more than that of many."""
_ROUNDING = 1e-9
_OUTSIDE = 0.05


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are known, None where none is."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def median(values: Iterable[float | None]) -> float | None:
    """Return the median of the values that are known, None where none is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def least_values(p: float) -> int:
    """Return the fewest values that have a two-sided interval for a percentile.

    The extremes must enclose it with 95 %: max(p, 1-p)^n <= 0.05 / 2. That is 6 for p50, 36 for
    p90, 72 for p95, 368 for p99 and 3688 for p99.9; below, print "-". Raises ``ValueError`` unless
    0 < p < 100.
    """
    share = _share(p)
    return math.ceil(math.log(_OUTSIDE / 2) / math.log(max(share, 1 - share)))


def least_for_one_beyond(p: float) -> int:
    """Return the fewest values of which at least one is expected beyond a percentile."""
    share = _share(p)
    return math.ceil(1 / min(share, 1 - share) - _ROUNDING)


def percentile(values: Sequence[float], p: float) -> float | None:
    """Return a percentile, None for fewer values than an interval for it needs."""
    if len(values) < least_values(p):
        return None
    return float(np.percentile(values, p))


def nested_percentile_interval(
    reference: Sequence[Sequence[Sequence[float]]],
    variant: Sequence[Sequence[Sequence[float]]],
    p: float,
) -> Interval | None:
    """Return the ratio of a percentile, reference / variant, of requests in blocks of restarts.

    It is Student's interval of the log-ratio of each restart's percentile (Ibragimov and Mueller,
    as in ``nested_log_interval``). One restart is divided into groups of blocks that followed each
    other, at most ``GROUPS``. Simulated, a 95 % interval covers 94 to 96 %, a 90 % interval 90 to
    92 %.

    Every group has to tell the percentile, for which it takes ``least_for_one_beyond`` requests;
    all together take ``least_values``. None for fewer, and for fewer than two groups. Raises
    ``ValueError`` for restarts or blocks that cannot be paired, and times that are not positive.
    """
    if len(reference) != len(variant) or not reference:
        raise ValueError(f"{len(reference)} restarts cannot be paired with {len(variant)}")
    counts = [sum(len(block) for each in side for block in each) for side in (reference, variant)]
    if min(counts) < least_values(p):
        return None
    if len(reference) == 1:
        reference, variant = _grouped(reference[0], variant[0], p)
    sides = [[np.concatenate(group) for group in side] for side in (reference, variant)]
    sizes = [len(group) for side in sides for group in side]
    if len(reference) < LEAST_OBSERVATIONS or min(sizes) < least_for_one_beyond(p):
        return None
    above, below = ([float(np.percentile(group, p)) for group in side] for side in sides)
    return from_log(mean_interval(log_ratios(above, below)))


def _grouped(
    reference: Sequence[Sequence[float]], variant: Sequence[Sequence[float]], p: float
) -> tuple[list[Sequence[Sequence[float]]], list[Sequence[Sequence[float]]]]:
    """Divide the blocks of both alike: into the most groups that each tell the percentile."""
    if len(reference) != len(variant):
        raise ValueError(f"{len(reference)} blocks cannot be paired with {len(variant)}")
    for many in range(min(GROUPS, len(reference)), 0, -1):
        edges = np.linspace(0, len(reference), many + 1).round().astype(int).tolist()
        above, below = (
            [side[start:end] for start, end in pairwise(edges)] for side in (reference, variant)
        )
        if min(sum(map(len, group)) for group in [*above, *below]) >= least_for_one_beyond(p):
            break
    return above, below


def _share(p: float) -> float:
    if not 0 < p < 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"a percentile lies between 0 and 100, not at {p}")
    return p / 100
