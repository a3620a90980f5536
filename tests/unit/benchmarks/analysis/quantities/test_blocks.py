"""Means that do not depend on how many of the dear requests chance put into a block."""

from collections.abc import Hashable

import pytest

from benchmarks.analysis.quantities.blocks import (
    block_means_ms,
    block_totals_ms,
    stratified_means,
)
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample

READ_MS, WRITE_MS = 2.0, 60.0
HALF_AND_HALF: dict[Hashable, float] = {"a": 0.5, "b": 0.5}


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


@pytest.mark.parametrize(
    ("values", "means"),
    [
        # However often a kind came at one place, every place has the same mix.
        (
            [("one", "a", 1), ("one", "b", 10), ("two", "a", 1), *[("two", "b", 10)] * 3],
            {"one": 5.5, "two": 5.5},
        ),
        # A place without a kind gets the mean of that kind elsewhere.
        ([("one", "a", 1), ("two", "a", 3), ("two", "b", 9)], {"one": 5.0, "two": 6.0}),
        # A kind that is nowhere weighs nothing.
        ([("one", "a", 4)], {"one": 4.0}),
    ],
)
def test_every_place_gets_the_mean_of_the_same_mix(
    values: list[tuple[str, str, float]], means: dict[str, float]
) -> None:
    assert stratified_means(values, HALF_AND_HALF) == means


def test_blocks_of_a_load_do_not_differ_by_their_number_of_writes() -> None:
    samples = [
        *block(0, reads=10, writes=5, regime="load"),
        *block(1, reads=14, writes=1, regime="load"),
    ]

    expected = (24 * READ_MS + 6 * WRITE_MS) / 30
    assert block_means_ms(samples, "uncached") == pytest.approx([expected] * 2)
    assert block_totals_ms(samples, "uncached")[0] == pytest.approx([expected] * 2)


def test_blocks_of_a_comparison_in_which_all_make_the_same_operations_are_as_they_were() -> None:
    samples = [
        *block(0, reads=1, writes=1, regime="native"),
        *block(1, reads=2, writes=0, regime="native"),
    ]

    assert block_means_ms(samples, "uncached") == pytest.approx([31.0, 2.0])
