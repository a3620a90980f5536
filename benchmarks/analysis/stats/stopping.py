"""When enough has been measured, by a rule that is fixed before the first block."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.analysis.stats.intervals import from_log, log_ratios, mean_interval

PAIR = 2
"""Observations between looks: one order of the variants and its reverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """Stop when every ratio is known precisely enough, whatever it is.

    From ``least`` observations on, every second one, the interval of each ratio reference /
    variant is looked at. When all reach no more than ``half_width`` (a share of the ratio) above
    it, ``further`` observations are measured, and that is enough.

    Only the width decides. For normal logs the mean and the standard deviation are independent,
    so a rule that reads nothing but the latter leaves the mean unbiased (Chow and Robbins, "On
    the asymptotic theory of fixed-width sequential confidence intervals for the mean", Ann. Math.
    Statist. 36, 1965). It still stops sooner where the deviation happens to come out small; the
    further observations answer that (Simons, "On the cost of not knowing the variance when making
    a fixed-width confidence interval for the mean", Ann. Math. Statist. 39, 1968). Simulated over
    deviations of 1 to 8 % and 14 to 60 observations at most, a 95 % interval covers 93.5 % or
    more with them and 93.1 % without, a 90 % interval 87.9 % or more: without early stopping
    95 and 90 %.

    A rule that also stopped as soon as the verdicts are clear would ruin the interval: simulated,
    a 95 % interval then covers as little as 84 % where the truth lies near the edge, and still
    only 90 % if the looks were taken at 99.5 %.
    """

    least: int = 8
    further: int = PAIR
    half_width: float = 0.02
    confidence: float = 0.95

    def enough(self, observations: Sequence[Sequence[float]]) -> bool:
        """Say whether to stop; one sequence per variant, the reference first, block by block.

        The caller asks after every second observation, or more often, and bounds their number.
        Without a variant beside the reference it is never enough. Raises ``ValueError`` for
        sequences of unequal length or values that are not positive.
        """
        reference, *variants = observations
        if any(len(variant) != len(reference) for variant in variants):
            raise ValueError("every variant needs as many observations as the reference")
        seen = len(reference) - self.further
        if not variants or seen < self.least or (seen - self.least) % PAIR:
            return False
        return all(self._is_precise(reference[:seen], variant[:seen]) for variant in variants)

    def _is_precise(self, reference: Sequence[float], variant: Sequence[float]) -> bool:
        interval = from_log(
            mean_interval(log_ratios(reference, variant), confidence=self.confidence)
        )
        return interval.high <= interval.centre * (1 + self.half_width)
