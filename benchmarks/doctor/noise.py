"""How large a difference two equal things show on this machine. Pure arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.analysis.ratio import Interval, paired_log_interval

PAIRS = 30
"""Pairs of blocks in the comparison that the figure is given for."""
LEAST_PAIRS = 6

_ERROR, _POWER = 0.05, 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What interleaved blocks of the same work showed.

    ``ratio`` is A / A with its 95 % interval. ``spread`` is the standard deviation of the
    logarithm of one pair's ratio, ``detectable`` the smallest difference (0.05 is 5 %) that a
    comparison of ``PAIRS`` such pairs tells from nothing; both with 95 % intervals.
    """

    pairs: int
    ratio: Interval
    spread: Interval
    detectable: Interval


def noise_of(first: Sequence[float], second: Sequence[float]) -> Noise:
    """Return the noise figure of paired times of equal work.

    The interval of a standard deviation s of k values is s sqrt((k - 1) / chi2_{q, k-1}), as for
    normal values. A difference d is found with the probability 1 - b at the two-sided level a
    when n >= ((t_{1-a/2, n-1} + t_{1-b, n-1}) s / d)^2, here solved for d (NIST/SEMATECH e-Handbook
    of Statistical Methods, 7.2.2.2), with a = 5 %, b = 20 %. Raises ``ValueError`` for fewer than
    two pairs or values that are not positive.
    """
    ratio = paired_log_interval(first, second)
    logs = np.log(np.asarray(first) / np.asarray(second))
    freedom = len(logs) - 1
    spread = float(np.std(logs, ddof=1))
    low, high = (
        spread * math.sqrt(freedom / float(special.chdtri(freedom, 1 - share)))
        for share in (1 - _ERROR / 2, _ERROR / 2)
    )
    return Noise(
        pairs=len(logs),
        ratio=ratio,
        spread=Interval(spread, low, high),
        detectable=Interval(*(_detectable(each) for each in (spread, low, high))),
    )


def _detectable(spread: float) -> float:
    reach = sum(float(special.stdtrit(PAIRS - 1, share)) for share in (1 - _ERROR / 2, _POWER))
    return math.expm1(reach * spread / math.sqrt(PAIRS))
