"""Ratios of runs that were restarted: blocks within starts of the service processes."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.stats.percentiles import (
    percentile,
    percentile_ratio_interval,
)
from benchmarks.analysis.stats.ratio import Interval, from_log, log_ratios, mean_interval


def nested_mean_interval(
    blocks: Sequence[Sequence[float]], *, confidence: float = 0.95
) -> Interval:
    """Return the mean of blocks (inner) of restarts (outer), over what varies highest.

    One restart gives the interval over its blocks, several that over their means. Raises
    ``ValueError`` for fewer than two values of what counts.
    """
    if len(blocks) == 1:
        return mean_interval(blocks[0], confidence=confidence)
    return mean_interval([float(np.mean(restart)) for restart in blocks], confidence=confidence)


def nested_log_interval(
    reference: Sequence[Sequence[float]],
    variant: Sequence[Sequence[float]],
    *,
    confidence: float = 0.95,
) -> Interval:
    """Return the ratio reference / variant of paired blocks (inner) of restarts (outer).

    One restart gives ``paired_log_interval``, which knows nothing of what a restart changes. With
    several, each restart counts as one observation, its mean log-ratio m_i:

        exp(mean m +- t_{1-alpha/2, R-1} s_m / sqrt(R))

    the interval over the highest level that varies (Kalibera and Jones, "Rigorous benchmarking in
    reasonable time", ISMM 2013). s_m holds the variance within restarts as well, so for restarts
    of equal length it is exact for normal logs whatever the variance between them is, none
    included; for unequal lengths it covers at least 1 - alpha (Bakirov and Szekely 2005, used so
    by Ibragimov and Mueller, "t-statistic based correlation and heterogeneity robust inference",
    JBES 28, 2010: proved for alpha <= 5 %; at 90 % simulated only, 90 to 93 %).

    Its price is width: t is 4.3 at three restarts and 2.8 at five. What is narrower under-covers
    (simulated, 3 x 40 blocks): pooling all blocks covers 63 % when the variance between restarts
    is a tenth of that between blocks and 31 % when they are equal; pooling only where an F test
    at 25 % sees no difference covers 90 %.

    Raises ``ValueError`` for restarts or blocks that cannot be paired, a restart without blocks,
    values that are not positive, and one block alone.
    """
    logs = _logs_by_restart(reference, variant)
    observations = logs[0] if len(logs) == 1 else [float(np.mean(restart)) for restart in logs]
    return from_log(mean_interval(observations, confidence=confidence))


def between_restarts(
    reference: Sequence[Sequence[float]], variant: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Return the ratio reference / variant of each restart, exp of its mean log-ratio.

    Raises ``ValueError`` as ``nested_log_interval`` does, but for one block alone.
    """
    return tuple(math.exp(np.mean(logs)) for logs in _logs_by_restart(reference, variant))


def nested_percentile_interval(
    reference: Sequence[Sequence[Sequence[float]]],
    variant: Sequence[Sequence[Sequence[float]]],
    p: float,
    *,
    confidence: float = 0.95,
    seed: int,
) -> Interval | None:
    """Return the ratio of percentiles of requests in blocks in restarts, as the above for means.

    One restart gives ``percentile_ratio_interval``, several Student's interval of the log-ratio
    of each restart's percentile (Ibragimov and Mueller, as above). None where a restart has too
    few requests for the percentile. ``p`` is in per cent. Raises ``ValueError`` for numbers of
    restarts that differ.
    """
    if len(reference) != len(variant) or not reference:
        raise ValueError(f"{len(reference)} restarts cannot be paired with {len(variant)}")
    if len(reference) == 1:
        return percentile_ratio_interval(
            reference[0], variant[0], p, confidence=confidence, seed=seed
        )
    ratios: list[float] = []
    for pair in zip(reference, variant, strict=True):
        above, below = (percentile([x for block in side for x in block], p) for side in pair)
        if above is None or below is None:
            return None
        ratios += log_ratios([above], [below])
    return from_log(mean_interval(ratios, confidence=confidence))


def _logs_by_restart(
    reference: Sequence[Sequence[float]], variant: Sequence[Sequence[float]]
) -> list[list[float]]:
    if len(reference) != len(variant):
        raise ValueError(f"{len(reference)} restarts cannot be paired with {len(variant)}")
    logs = [log_ratios(*pair) for pair in zip(reference, variant, strict=True)]
    if not logs or not all(logs):
        raise ValueError("every restart needs observations")
    return logs
