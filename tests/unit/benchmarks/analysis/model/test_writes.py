from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import speedup_at
from benchmarks.analysis.model.writes import (
    Writes,
    break_even_with_writes,
    overall_speedup,
)
from tests.unit.benchmarks.analysis.model.test_cost import FAR, NEAR

COSTLY = replace(FAR, invalidation_ms=1.3)


def test_the_mean_operation_is_read_by_read_and_write_by_write() -> None:
    writes = Writes(share=0.25, write_ms=60)

    none = Writes(share=0, write_ms=60)
    assert overall_speedup(COSTLY, none, 0.8) == pytest.approx(speedup_at(COSTLY, 0.8))
    uncached_ms, cached_ms = 0.75 * 51.2 + 0.25 * 60, 0.75 * (0.6 * 1.35 + 0.4 * 52.7) + 0.25 * 61.3
    assert overall_speedup(COSTLY, writes, 0.6) == pytest.approx(uncached_ms / cached_ms)


def test_at_the_break_even_hit_ratio_reads_have_paid_for_the_writes() -> None:
    writes = Writes(share=0.4, write_ms=60)

    ratio = break_even_with_writes(COSTLY, writes)

    assert ratio is not None
    assert overall_speedup(COSTLY, writes, ratio) == pytest.approx(1)
    assert speedup_at(COSTLY, ratio) > 1


def test_writes_that_pay_too_much_are_never_made_up_for() -> None:
    dear = replace(NEAR, invalidation_ms=5)

    assert break_even_with_writes(dear, Writes(share=0.5, write_ms=1)) is None


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_the_share_of_writes_leaves_some_reads(share: float) -> None:
    with pytest.raises(ValueError, match="less than 1"):
        Writes(share=share, write_ms=60)
