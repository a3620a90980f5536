"""Means that do not depend on how many of the dear requests chance put into a block."""

import pytest

from benchmarks.analysis.quantities.summary import block_totals_ms
from benchmarks.analysis.stats.blocks import block_means_ms
from benchmarks.analysis.stats.strata import shares, stratified_means
from tests.unit.benchmarks.simulate import sample

READ_MS, WRITE_MS = 2.0, 60.0


def block(number: int, *, reads: int, writes: int, **changes: object) -> list[object]:
    """Make requests of one observation, every kind always as fast."""
    return [
        sample(
            observation=number,
            block=number,
            session=place,
            action="complete" if place < writes else "list",
            duration_s=(WRITE_MS if place < writes else READ_MS) / 1000,
            **changes,
        )
        for place in range(reads + writes)
    ]


def test_shares_are_parts_of_all() -> None:
    assert shares("aaab") == {"a": 0.75, "b": 0.25}


def test_every_place_has_the_same_mix() -> None:
    values = [("one", "a", 1.0), ("one", "b", 10.0), ("two", "a", 1.0), ("two", "b", 10.0)]
    more = [*values, ("two", "b", 10.0), ("two", "b", 10.0)]

    assert stratified_means(more, {"a": 0.5, "b": 0.5}) == {"one": 5.5, "two": 5.5}


def test_a_place_without_a_kind_gets_the_mean_of_that_kind_elsewhere() -> None:
    values = [("one", "a", 1.0), ("two", "a", 3.0), ("two", "b", 9.0)]

    assert stratified_means(values, {"a": 0.5, "b": 0.5}) == {"one": 5.0, "two": 6.0}


def test_a_kind_that_is_nowhere_weighs_nothing() -> None:
    assert stratified_means([("one", "a", 4.0)], {"a": 0.5, "b": 0.5}) == {"one": 4.0}


@pytest.mark.parametrize("means", [block_means_ms, lambda *of: block_totals_ms(*of)[0]])
def test_blocks_of_a_load_do_not_differ_by_their_number_of_writes(means: object) -> None:
    samples = block(0, reads=10, writes=5, regime="load") + block(
        1, reads=14, writes=1, regime="load"
    )

    expected = (24 * READ_MS + 6 * WRITE_MS) / 30
    assert means(samples, "uncached") == pytest.approx([expected] * 2)  # type: ignore[operator]


def test_blocks_of_a_comparison_are_as_they_were() -> None:
    # There every variant makes the same operations.
    samples = block(0, reads=1, writes=1) + block(1, reads=2, writes=0)

    assert block_means_ms(samples, "uncached") == pytest.approx([31.0, 2.0])  # type: ignore[arg-type]
