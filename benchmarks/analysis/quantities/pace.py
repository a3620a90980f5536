"""Did the generator keep its schedule, and the service the rate: one rule for every loop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.model.observed import MS_PER_S
from benchmarks.analysis.quantities.blocks import duration_ms
from benchmarks.storage.records import Sample

CLIENT_CORES = 0.8
"""A client that used more of a core than this may have been what was measured."""
LEAST_SERVED = 0.99
"""Of the requests that were due."""
GROWTH = 1.5
TIMER_MS, GEVENT_MS = 1.0, 2.0
"""The lag at p99 that every generator may have. Locust waits with gevent, of which
1.13 ms were measured on an idle machine at 200 requests per second."""
LAG_SHARE = 0.05
"""The allowed lag at p99 as a share of the median time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """The lag of requests at p99 and its bound, both in milliseconds."""

    p99_ms: float
    allowed_ms: float

    @property
    def late(self) -> bool:
        """Tell whether the generator was behind its schedule."""
        return self.p99_ms > self.allowed_ms


def generator_lag(p99s_ms: Sequence[float], *, median_ms: float, timer_ms: float = TIMER_MS) -> Lag:
    """Judge the generator by the p99 of its lag in each block or round: the median of them counts.

    One block in which the machine paused says nothing of the others. Allowed are ``timer_ms``, or
    5 % of the median time where that is longer.
    """
    p99_ms = float(np.median(p99s_ms)) if p99s_ms else 0.0
    return Lag(p99_ms=p99_ms, allowed_ms=max(timer_ms, LAG_SHARE * median_ms))


def lag_of_blocks(
    blocks: Sequence[Sequence[float]], samples: Sequence[Sample], *, timer_ms: float = TIMER_MS
) -> Lag:
    """Judge the generator by the seconds that each request of each block was late."""
    return generator_lag(
        [float(np.quantile(block, 0.99)) * MS_PER_S for block in blocks],
        median_ms=float(np.median([duration_ms(sample) for sample in samples])),
        timer_ms=timer_ms,
    )


def queue_grows(*, served: float, growth: float) -> bool:
    """Tell whether a service falls behind.

    ``served`` are the answers as a share of the requests that were due, ``growth`` how many times
    as long requests of the later half took as those of the earlier. It takes both: either alone
    also happens to a queue that is just long at the end, or that was empty at the start.
    """
    return served < LEAST_SERVED and growth >= GROWTH
