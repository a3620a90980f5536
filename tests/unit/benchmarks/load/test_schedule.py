"""When users do what, at which variant, and what of it counts."""

from collections import Counter
from dataclasses import replace
from itertools import islice

from benchmarks.load.schedule import (
    UNCOUNTED,
    Blocks,
    Clock,
    SideBySide,
    operations,
    series_of,
)
from benchmarks.measure.sessions import Block, interleave
from benchmarks.scenarios import LOAD_SCENARIOS
from benchmarks.scenarios.base import Operation

MIXES = [name for name, scenario in LOAD_SCENARIOS.items() if scenario.kind == "mix"]
PAIR = ("uncached", "cached")


def test_time_counts_from_a_moment_that_another_process_named_until_the_run_is_forgotten() -> None:
    steady, wall = [50.0], [1003.5]
    clock = Clock(wall_s=lambda: wall[0], steady_s=lambda: steady[0])
    before_s = clock.elapsed_s()

    clock.begin(1000.0)
    # Whatever the wall clock does.
    steady[0], wall[0] = 52.0, 0.0

    assert (before_s, clock.elapsed_s(), clock.since_s(51.0)) == (0.0, 5.5, 4.5)
    clock.stop()
    assert clock.elapsed_s() == 0.0


def _first(name: str, *, amount: int = 400, part: str = "", seed: int = 1) -> list[Operation]:
    stream = operations(LOAD_SCENARIOS[name], users=50, seed=seed, part=part)
    return list(islice(stream, amount))


def test_equal_arguments_give_equal_operations_and_parts_agree_on_who_is_popular_only() -> None:
    for name in MIXES:
        assert _first(name, part="3") == _first(name, part="3")
    parts = [_first("zipf", part=str(part)) for part in range(4)]
    favorites = [Counter(one.user for one in part).most_common(1)[0][0] for part in parts]

    assert parts[0] != parts[1]
    assert _first("zipf", seed=1) != _first("zipf", seed=2)
    assert len(set(favorites)) == 1


def test_side_by_side_each_user_stays_on_a_variant() -> None:
    turns = [SideBySide(PAIR).block(user, 3.9) for user in range(4)]

    assert turns == [Block(0, 0, 0, "uncached"), Block(1, 0, 0, "cached")] * 2


def _blocks() -> Blocks:
    return Blocks(series_of(PAIR), observations=3, block_s=2.0, seed="7", warm_up_s=1.0)


def test_blocks_come_in_the_order_of_the_comparison_and_each_variant_is_observed() -> None:
    schedule = _blocks()
    order = interleave(series_of(PAIR), observations=3, seed="7")

    met = [schedule.block(0, 1.0 + 2.0 * place + 1.0) for place in range(len(order))]

    assert met == order
    assert Counter(turn.variant for turn in met) == dict.fromkeys(series_of(PAIR), 3)
    assert schedule.seconds == 1.0 + 12 * 2.0


def test_what_does_not_count_is_the_warm_up_the_first_fifth_of_a_block_and_the_time_after() -> None:
    schedule = _blocks()
    warming = [schedule.block(user, 0.5) for user in range(4)]
    early, settled = schedule.block(0, 3.39), schedule.block(0, 3.41)

    # Before the first block users are on all series; a block is of its variant at once.
    assert [turn.variant for turn in warming] == series_of(PAIR)
    assert {turn.observation for turn in warming} == {UNCOUNTED}
    assert (early, settled.observation) == (replace(settled, observation=UNCOUNTED), 0)
    assert [schedule.block(0, at_s).observation for at_s in (24.99, 25.0)] == [2, UNCOUNTED]
