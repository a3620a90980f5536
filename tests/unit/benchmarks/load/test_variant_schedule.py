"""Who is served by which variant when, and what of it counts."""

from collections import Counter

import pytest

from benchmarks.load.variant_schedule import (
    UNCOUNTED,
    Blocks,
    Halves,
    SideBySide,
    Turn,
    VariantSchedule,
    series_of,
    target_of,
)
from benchmarks.measure.sessions import interleave

PAIR = ("uncached", "cached")


def test_a_variant_compared_with_itself_is_asked_under_its_own_name() -> None:
    assert series_of(PAIR) == ["uncached", "cached", "uncached again", "cached again"]
    assert [target_of(one) for one in series_of(PAIR)] == [*PAIR, *PAIR]


def test_side_by_side_each_user_stays_on_a_variant_and_every_second_is_an_observation() -> None:
    schedule = SideBySide(PAIR)

    assert [schedule.turn(user, 3.9).variant for user in range(4)] == [*PAIR, *PAIR]
    assert schedule.turn(0, 3.9) == Turn("uncached", 3, 6)
    assert schedule.turn(1, 3.0) == Turn("cached", 3, 7)
    assert schedule.seconds is None


def test_in_halves_everybody_is_on_the_first_variant_and_then_on_the_second() -> None:
    schedule = Halves(PAIR, 10.0)

    assert schedule.turn(0, 4.9) == Turn("uncached", 4, 8)
    assert schedule.turn(1, 5.0) == Turn("cached", 0, 1)
    assert schedule.turn(1, 9.9) == Turn("cached", 4, 9)
    assert schedule.turn(0, 10.0) == Turn("cached", UNCOUNTED, UNCOUNTED)
    assert schedule.seconds == 10.0


@pytest.mark.parametrize("schedule", [SideBySide(PAIR), Halves(PAIR, 20.0)])
def test_a_block_is_of_one_variant_and_observation(schedule: VariantSchedule) -> None:
    met = [schedule.turn(user, tenth / 10) for user in range(2) for tenth in range(190)]

    pairs = {(turn.variant, turn.observation) for turn in met}
    assert len({turn.block for turn in met}) == len(pairs)
    assert len({(turn.block, turn.variant, turn.observation) for turn in met}) == len(pairs)


def _blocks() -> Blocks:
    return Blocks(series_of(PAIR), observations=3, block_s=2.0, seed="7", warm_up_s=1.0)


def test_blocks_come_in_the_order_of_the_comparison_and_each_variant_is_observed() -> None:
    schedule = _blocks()
    order = interleave(series_of(PAIR), observations=3, seed="7")

    met = [schedule.turn(0, 1.0 + 2.0 * place + 1.0) for place in range(len(order))]

    assert met == [Turn(block.variant, block.observation, block.number) for block in order]
    assert Counter(turn.variant for turn in met) == dict.fromkeys(series_of(PAIR), 3)
    assert schedule.seconds == 1.0 + 12 * 2.0


def test_nothing_counts_in_the_first_fifth_of_a_block_which_is_already_of_its_variant() -> None:
    schedule = _blocks()
    early, settled = schedule.turn(0, 3.39), schedule.turn(0, 3.41)

    assert early == Turn(settled.variant, UNCOUNTED, settled.block)
    assert settled.observation == 0


def test_nothing_counts_before_the_first_block_with_users_on_all_series_or_after_the_last() -> None:
    schedule = _blocks()
    warming = [schedule.turn(user, 0.5) for user in range(4)]

    assert [turn.variant for turn in warming] == series_of(PAIR)
    assert {turn.observation for turn in warming} == {UNCOUNTED}
    assert [schedule.turn(0, at_s).observation for at_s in (24.99, 25.0)] == [2, UNCOUNTED]


def test_all_users_of_all_processes_are_on_the_same_variant_at_a_time() -> None:
    one, other = _blocks(), _blocks()

    for tenth in range(10, 260):
        assert (
            len({schedule.turn(user, tenth / 10) for schedule in (one, other) for user in (0, 5)})
            == 1
        )
