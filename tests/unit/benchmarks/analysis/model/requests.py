"""Measured requests that never were, with known costs."""

from typing import Any

from benchmarks.analysis.model.cost import CostModel
from benchmarks.storage.records import Outcome, Sample
from tests.unit.benchmarks.simulate import READS, sample

TRUTH = CostModel(app_ms=1.2, database_ms=5.0, hit_ms=0.3, miss_ms=0.9, invalidation_ms=1.1)
WORK_MS = 0.5
WRITE_MS = 9.0


def sessions(
    *,
    scenario: str = "session",
    regime: str = "native",
    delay_ms: float = 0.0,
    slower_hit_ms: float = 0.0,
    warm: bool = False,
    spans: bool = True,
) -> list[Sample]:
    """Return the reads of both variants; the database takes ``delay_ms`` longer than in truth."""
    database_ms, hit_ms = TRUTH.database_ms + delay_ms, TRUTH.hit_ms + slower_hit_ms
    wait_ms = database_ms - WORK_MS
    kinds: dict[Outcome, tuple[float, float, float]] = {
        "bypass": (TRUTH.app_ms + database_ms, wait_ms, 0.0),
        "miss": (TRUTH.app_ms + database_ms + TRUTH.miss_ms, wait_ms, TRUTH.miss_ms),
        "hit": (TRUTH.app_ms + hit_ms, 0.0, hit_ms),
    }

    def read(variant: str, outcome: Outcome, index: int) -> Sample:
        time_ms, db_ms, cache_ms = kinds[outcome]
        return sample(
            scenario=scenario,
            regime=regime,
            variant=variant,
            index=index,
            outcome=outcome,
            duration_s=time_ms / 1000,
            db_ms=db_ms if spans else None,
            cache_ms=cache_ms if spans else None,
        )

    return [
        each
        for _ in range(40)
        for index in range(READS)
        for each in (
            read("uncached", "bypass", index),
            read("cached", "hit" if warm or index else "miss", index),
        )
    ]


def writes(*, regime: str = "native", slower_ms: float = 0.0) -> list[Sample]:
    """Return writes of both variants."""
    times_ms = {"uncached": WRITE_MS, "cached": WRITE_MS + TRUTH.invalidation_ms + slower_ms}
    values: dict[str, Any] = {"scenario": "writes", "regime": regime, "outcome": "write"}
    return [
        sample(**values, variant=variant, duration_s=time_ms / 1000, db_ms=0.0, cache_ms=0.0)
        for _ in range(20)
        for variant, time_ms in times_ms.items()
    ]
