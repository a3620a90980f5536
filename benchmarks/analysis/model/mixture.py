"""Percentiles of reads of which some hit and some miss.

F_on = h F_hit + (1 - h) F_miss. Where the two lie apart a quantile q <= h is one of the hits, and
one above is the ((q - h) / (1 - h))-quantile of the misses.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np

_STEPS = 200
_NORMAL = NormalDist()
_NEARLY_ALL = 1 - 1e-9
# Weights such as 0.8 and 0.2 add up to a little less than they should.
_ROUNDING = 1e-12


class Mode(Protocol):
    """A distribution of read times in milliseconds."""

    def share_below(self, time_ms: float) -> float:
        """Return F(t): the share of reads that take at most this long."""

    @property
    def mean_ms(self) -> float:
        """Return the mean."""

    @property
    def range_ms(self) -> tuple[float, float]:
        """Return bounds outside of which there is next to nothing."""


class Empirical:
    """The distribution of measured times; raises ``ValueError`` when there are none."""

    def __init__(self, times_ms: Sequence[float]) -> None:
        if not times_ms:
            raise ValueError("a distribution needs at least one time")
        self._sorted = np.sort(np.asarray(times_ms, dtype=float))

    def share_below(self, time_ms: float) -> float:
        """Return the share of times up to this one."""
        return float(np.searchsorted(self._sorted, time_ms, side="right")) / len(self._sorted)

    @property
    def mean_ms(self) -> float:
        """Return the mean."""
        return float(self._sorted.mean())

    @property
    def range_ms(self) -> tuple[float, float]:
        """Return the shortest and the longest time."""
        return float(self._sorted[0]), float(self._sorted[-1])


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A lognormal distribution with a mean in ms and a spread = standard deviation / mean.

    sigma^2 = ln(1 + spread^2), mu = ln(mean) - sigma^2 / 2. Both have to be positive; raises
    ``ValueError``.
    """

    mean_ms: float
    spread: float

    def __post_init__(self) -> None:
        if self.mean_ms <= 0 or self.spread <= 0:
            raise ValueError("a lognormal distribution needs a positive mean and spread")

    def share_below(self, time_ms: float) -> float:
        """Return F(t)."""
        return _NORMAL.cdf((math.log(time_ms) - self._mu) / self._sigma) if time_ms > 0 else 0.0

    @property
    def range_ms(self) -> tuple[float, float]:
        """Return 0 and a time that one in a thousand million passes."""
        return 0.0, math.exp(self._mu + self._sigma * _NORMAL.inv_cdf(_NEARLY_ALL))

    @property
    def _sigma(self) -> float:
        return math.sqrt(math.log1p(self.spread**2))

    @property
    def _mu(self) -> float:
        return math.log(self.mean_ms) - self._sigma**2 / 2


@dataclass(frozen=True, slots=True)
class Mixture:
    """Hits with the weight h and misses with the weight 1 - h."""

    hits: Mode
    misses: Mode
    hit_ratio: float

    def share_below(self, time_ms: float) -> float:
        """Return h F_hit(t) + (1 - h) F_miss(t)."""
        missed = (1 - self.hit_ratio) * self.misses.share_below(time_ms)
        return self.hit_ratio * self.hits.share_below(time_ms) + missed

    @property
    def mean_ms(self) -> float:
        """Return the mean."""
        return self.hit_ratio * self.hits.mean_ms + (1 - self.hit_ratio) * self.misses.mean_ms

    @property
    def range_ms(self) -> tuple[float, float]:
        """Return bounds of both."""
        ranges = (self.hits.range_ms, self.misses.range_ms)
        return min(low for low, _ in ranges), max(high for _, high in ranges)


def quantile_ms(mode: Mode, share: float) -> float:
    """Return the shortest time that at least ``share`` of the reads do not pass."""
    low, high = mode.range_ms
    if mode.share_below(low) >= share - _ROUNDING:
        return low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if mode.share_below(middle) >= share - _ROUNDING:
            high = middle
        else:
            low = middle
    return high
