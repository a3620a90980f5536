"""A/A and halves: what they show that the blocks of a claim do not, and how intervals widen by it.

The interval of a ratio holds the noise of its blocks. It does not hold a bias of the harness, nor
that blocks depend on their neighbors, as they do on a machine that is busy for a while. Two things
that are 1 by construction show both.

**A/A.** Every variant is measured against itself in blocks that take turns like all others. With
t_i its mean log-ratio over the standard error of it, nu_i degrees of freedom, T the distribution of
Student and Phi that of a normal value, the scores z_i = Phi^-1(T_nu_i(t_i)) are standard normal if
the formula is right and nothing is biased. The root of their mean square says by which factor
intervals are too narrow: the ratio of Birge ("The calculation of errors by the method of least
squares", Phys. Rev. 40, 1932), with which the Particle Data Group widens averages of measurements
that disagree ("Review of Particle Physics", introduction, 5.2.2). As there, no interval is narrowed

    W = max(1, sqrt(mean z_i^2)).

**Halves.** A case whose second half says something else than its first is widened until its
interval holds what either says: with D the difference of the halves' mean log-ratios and H the half
width of the interval at ``CONFIDENCE``,

    V = max(1, |D| / (2 H)).

Every interval of the case is then max(W, V) times as wide. Simulated, with two A/A comparisons and
independent blocks a 90 % interval becomes one of 92 %, and where neighbors are correlated by 0.4
it covers 84 % in place of 72 %: ``tests/unit/benchmarks/analysis/quantities/test_noise.py``.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.quantities.blocks import block_totals_ms, observations, time_ratio
from benchmarks.analysis.stats.intervals import (
    CONFIDENCE,
    Interval,
    log_ratios,
    mean_difference,
    t_quantile,
)
from benchmarks.storage.records import AGAIN, Sample

LEAST_PAIRS = 4
"""Two in each half: fewer have no difference with an interval."""
_MOST = 10.0
"""No score is larger: blocks that do not vary at all would make it infinite."""


def shows(factor: float) -> bool:
    """Tell whether a widening is more than 1 with the one decimal that texts have."""
    return round(factor, 1) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A variant against itself, first / again.

    ``score`` is its normal score: how many standard errors it is off 1.
    """

    variant: str
    ratio: Interval
    observations: int
    score: float


def against_itself(samples: Sequence[Sample]) -> tuple[Noise, ...]:
    """Return every variant that was measured again, against itself.

    ``samples`` are the complete observations of a case. A variant with fewer than two observations
    is left out: no interval can be made of them.
    """
    restarts = len({sample.restart for sample in samples})
    many = observations(samples)
    freedom = (restarts if restarts > 1 else many) - 1
    names = dict.fromkeys(sample.variant for sample in samples)
    pairs = {
        name: time_ratio(samples, name, name + AGAIN) for name in names if name + AGAIN in names
    }
    return tuple(
        Noise(
            variant=name,
            ratio=ratio,
            observations=many,
            score=normal_score(ratio, freedom=freedom),
        )
        for name, ratio in pairs.items()
        if ratio is not None
    )


def widening(found: Iterable[Noise]) -> float:
    """Return W of this module's docstring, 1 where nothing was measured against itself."""
    scores = [each.score for each in found]
    return max(1.0, float(np.sqrt(np.mean(np.square(scores))))) if scores else 1.0


def normal_score(ratio: Interval, *, freedom: int) -> float:
    """Return how far a ratio is off 1 as a standard normal value, without its sign.

    Its interval has ``freedom`` degrees of freedom.
    """
    distance = abs(math.log(ratio.centre))
    error = (math.log(ratio.high) - math.log(ratio.low)) / 2 / t_quantile(freedom, CONFIDENCE)
    if not distance:
        return 0.0
    if not error:
        return _MOST
    # As for the quantiles of Student: it takes long to import.
    from scipy import special  # noqa: PLC0415

    beyond = special.stdtr(freedom, -distance / error)
    return min(_MOST, float(-special.ndtri(beyond))) if beyond else _MOST


def halves(
    samples: Sequence[Sample], reference: str, variant: str, *, confidence: float = CONFIDENCE
) -> Interval | None:
    """Return the logarithm of the ratio reference / variant of the later half over the earlier.

    Observations count in the order in which they were measured, over all restarts. None for fewer
    than ``LEAST_PAIRS``.
    """
    sides = [
        [value for restart in block_totals_ms(samples, name) for value in restart]
        for name in (reference, variant)
    ]
    if len(sides[0]) != len(sides[1]) or len(sides[0]) < LEAST_PAIRS:
        return None
    logs = log_ratios(*sides)
    middle = len(logs) // 2
    return mean_difference(logs[:middle], logs[middle:], confidence=confidence)


def widening_by_halves(samples: Sequence[Sample], reference: str, variant: str) -> float:
    """Return V of this module's docstring, 1 for too few observations to have halves."""
    change = halves(samples, reference, variant)
    ratio = time_ratio(samples, reference, variant)
    if change is None or ratio is None:
        return 1.0
    half = (math.log(ratio.high) - math.log(ratio.low)) / 2
    return max(1.0, abs(change.centre) / (2 * half)) if half else 1.0
