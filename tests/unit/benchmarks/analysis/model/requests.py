"""Measured requests that never were, with known costs."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.analysis.model.cost import CostModel

TRUTH = CostModel(app_ms=1.2, database_ms=5.0, hit_ms=0.3, miss_ms=0.9, invalidation_ms=1.1)
WORK_MS = 0.5
WRITE_MS = 9.0
READS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The part of a sample that models look at."""

    scenario: str = "session"
    regime: str = "native"
    variant: str = "cached"
    index: int = 0
    outcome: str = "hit"
    duration_s: float = 0.001
    db_ms: float | None = 0.0
    cache_ms: float | None = 0.0


def sessions(
    *,
    scenario: str = "session",
    regime: str = "native",
    delay_ms: float = 0.0,
    slower_hit_ms: float = 0.0,
    warm: bool = False,
    spans: bool = True,
    noise: float = 0.0,
    many: int = 40,
) -> list[Seen]:
    """Return the reads of both variants; the database takes ``delay_ms`` longer than in truth."""
    rng = random.Random(regime)
    database_ms = TRUTH.database_ms + delay_ms
    wait_ms = database_ms - WORK_MS
    hit_ms = TRUTH.hit_ms + slower_hit_ms
    kinds = {
        "bypass": (TRUTH.app_ms + database_ms, wait_ms, 0.0),
        "miss": (TRUTH.app_ms + database_ms + TRUTH.miss_ms, wait_ms, TRUTH.miss_ms),
        "hit": (TRUTH.app_ms + hit_ms, 0.0, hit_ms),
    }

    def read(variant: str, outcome: str, index: int) -> Seen:
        time_ms, db_ms, cache_ms = kinds[outcome]
        return Seen(
            scenario=scenario,
            regime=regime,
            variant=variant,
            index=index,
            outcome=outcome,
            duration_s=time_ms * rng.lognormvariate(0, noise) / 1000,
            db_ms=db_ms if spans else None,
            cache_ms=cache_ms if spans else None,
        )

    def both() -> Iterator[Seen]:
        for _ in range(many):
            for index in range(READS):
                yield read("uncached", "bypass", index)
                yield read("cached", "hit" if warm or index else "miss", index)

    return list(both())


def writes(*, regime: str = "native", slower_ms: float = 0.0, many: int = 20) -> list[Seen]:
    """Return writes of both variants."""
    times_ms = {"uncached": WRITE_MS, "cached": WRITE_MS + TRUTH.invalidation_ms + slower_ms}
    return [
        Seen(
            scenario="writes",
            regime=regime,
            variant=variant,
            outcome="write",
            duration_s=time_ms / 1000,
        )
        for _ in range(many)
        for variant, time_ms in times_ms.items()
    ]
