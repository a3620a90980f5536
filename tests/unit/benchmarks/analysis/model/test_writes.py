from dataclasses import replace

import pytest

from benchmarks.analysis.model.cost import speedup_at
from benchmarks.analysis.model.writes import (
    Writes,
    break_even_with_writes,
    most_writes_for_reads,
    most_writes_overall,
    overall_speedup,
)
from tests.unit.benchmarks.analysis.model.test_cost import FAR, NEAR, SEED

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


def test_the_starting_document_s_five_times_bears_few_writes() -> None:
    assert most_writes_for_reads(SEED, 5) == pytest.approx(0.184, abs=0.0005)
    assert most_writes_overall(SEED, 5, write_ms=50) == pytest.approx(0.0965, abs=0.00005)
    # Half writes leave its reads at most 1.96.
    assert speedup_at(SEED, Writes(share=0.5, write_ms=50).cap) == pytest.approx(1.96, abs=0.005)


@pytest.mark.parametrize("speedup", [1.1, 2, 5, 20])
def test_with_the_most_writes_the_speedup_is_just_reached(speedup: float) -> None:
    share = most_writes_overall(COSTLY, speedup, write_ms=60)

    assert share is not None
    writes = Writes(share=share, write_ms=60)
    assert overall_speedup(COSTLY, writes, writes.cap) == pytest.approx(speedup)


def test_what_reads_alone_cannot_reach_no_share_of_writes_does() -> None:
    assert most_writes_overall(NEAR, 5, write_ms=2) is None
    assert most_writes_for_reads(NEAR, 5) is None


def test_writes_that_the_cache_spares_most_of_need_no_reads() -> None:
    assert most_writes_overall(replace(FAR, invalidation_ms=-50), 5, write_ms=60) == 1


@pytest.mark.parametrize("share", [-0.1, 1, 1.5])
def test_the_share_of_writes_leaves_some_reads(share: float) -> None:
    with pytest.raises(ValueError, match="less than 1"):
        Writes(share=share, write_ms=60)
