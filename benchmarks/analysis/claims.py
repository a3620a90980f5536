"""The seed's arithmetic, and how many reads a cache needs before a claim can hold.

The model is METHOD 2.1: n reads of the same data from a cold cache cost

    U(n) = n (a + d)                        without a cache,
    K(n) = (a + d + m) + (n - 1)(a + c)     with one, and S(n) = U(n) / K(n),

where a is the work both do, d the database time a hit avoids, c what a hit costs, m what a miss
costs on top. Because K(n) > a + d for n > 1, S(n) < n whatever d is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """Milliseconds of the parts of one request: a, d, c and m of the formulas above."""

    app_ms: float
    database_ms: float
    hit_ms: float
    miss_ms: float

    @classmethod
    def from_means(cls, *, uncached_ms: float, miss_ms: float, hit_ms: float) -> "CostModel":
        """Return the model of measured request means; the split of the app time is not needed."""
        return cls(
            app_ms=0.0, database_ms=uncached_ms, hit_ms=hit_ms, miss_ms=miss_ms - uncached_ms
        )

    def uncached_total_ms(self, reads: int) -> float:
        """Return U(n)."""
        return reads * (self.app_ms + self.database_ms)

    def cached_total_ms(self, reads: int) -> float:
        """Return K(n)."""
        first = self.app_ms + self.database_ms + self.miss_ms
        return first + (reads - 1) * (self.app_ms + self.hit_ms)

    def speedup(self, reads: int) -> float:
        """Return S(n)."""
        return self.uncached_total_ms(reads) / self.cached_total_ms(reads)

    @property
    def limit(self) -> float:
        """Return S(infinity), what no number of reads can pass; infinite when a hit is free."""
        hit = self.app_ms + self.hit_ms
        return (self.app_ms + self.database_ms) / hit if hit > 0 else math.inf

    def reads_needed(self, speedup: float) -> int | None:
        """Return the first n with S(n) >= ``speedup``, or None when no n reaches it.

        n_s = s (m + d - c) / ((a + d) - s (a + c)), METHOD 2.1.
        """
        slope = (self.app_ms + self.database_ms) - speedup * (self.app_ms + self.hit_ms)
        if slope <= 0:
            return 1 if self.speedup(1) >= speedup else None
        reads = speedup * (self.miss_ms + self.database_ms - self.hit_ms) / slope
        # A whole number may come out a rounding error too high.
        return max(1, math.ceil(reads - 1e-9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement about the ratio uncached / variant of the session totals of one scenario.

    ``equals`` is judged with a margin on both sides, ``at_least`` without any.
    """

    name: str
    scenario: str
    text: str
    kind: Literal["equals", "at_least"]
    ratio: float


SEED_READS = 5
SEED_MODEL = CostModel(app_ms=0.0, database_ms=50.0, hit_ms=1.0, miss_ms=0.0)
SEED_RATIO = SEED_MODEL.speedup(SEED_READS)

CLAIMS: Mapping[str, Claim] = {
    claim.name: claim
    for claim in (
        Claim(
            name="C1",
            scenario="session",
            text="250 ms / 54 ms = 4.63x for five reads from a cold cache",
            kind="equals",
            ratio=SEED_RATIO,
        ),
        Claim(
            name="C2",
            scenario="session",
            text="5x faster, taken literally, for five reads from a cold cache",
            kind="at_least",
            ratio=5.0,
        ),
    )
}
