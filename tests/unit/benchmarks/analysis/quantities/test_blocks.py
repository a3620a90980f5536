"""Blocks whose means do not depend on how many of the dear requests chance put into them."""

from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.blocks import block_totals_ms
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample

READ_MS, WRITE_MS = 2.0, 60.0


def block(number: int, *, reads: int, writes: int, regime: str) -> list[Sample]:
    """Make requests of one observation, every kind always as fast."""
    return [
        sample(
            regime=regime,
            observation=number,
            block=number,
            session=place,
            action="complete" if place < writes else "list",
            duration_s=(WRITE_MS if place < writes else READ_MS) / 1000,
        )
        for place in range(reads + writes)
    ]


def test_blocks_of_a_load_do_not_differ_by_their_number_of_writes() -> None:
    samples = [
        *block(0, reads=10, writes=5, regime="load"),
        *block(1, reads=14, writes=1, regime="load"),
        # A block without a kind gets what that kind took in the others.
        *block(2, reads=15, writes=0, regime="load"),
    ]

    expected = (39 * READ_MS + 6 * WRITE_MS) / 45
    assert block_totals_ms(samples, "uncached") == [pytest.approx([expected] * 3)]
    # A kind that only others had weighs nothing.
    others = [
        replace(each, variant="cached") for each in block(3, reads=0, writes=9, regime="load")
    ]
    reads = block(0, reads=10, writes=0, regime="load")
    assert block_totals_ms([*reads, *others], "uncached") == [pytest.approx([READ_MS])]


def test_blocks_of_a_comparison_in_which_all_make_the_same_operations_are_as_they_were() -> None:
    samples = [
        *block(0, reads=1, writes=1, regime="native"),
        *block(1, reads=2, writes=0, regime="native"),
    ]

    assert block_totals_ms(samples, "uncached") == [pytest.approx([31.0, 2.0])]
