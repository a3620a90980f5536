import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure.sessions import Block, Frame, RunningVariant, interleave, run_block, warm_up
from benchmarks.scenarios.actions import READS
from benchmarks.scenarios.base import Operation, Scenario, repeat
from benchmarks.stack.dataset import make_dataset
from tests.unit.benchmarks.fake_dependencies import Fakes

AB = ("uncached", "cached")
ABC = ("uncached", "cached", "naive")


@given(
    variants=st.sampled_from([AB, ABC]),
    observations=st.integers(1, 10).map(lambda half: 2 * half),
    turns=st.integers(1, 4),
    seed=st.text(max_size=3),
)
def test_two_turns_have_each_variant_twice_the_second_in_reverse(
    variants: tuple[str, ...], observations: int, turns: int, seed: str
) -> None:
    blocks = interleave(variants, observations=observations, turns=turns, seed=seed)

    assert [block.number for block in blocks] == list(range(len(blocks)))
    assert Counter((block.observation, block.turn, block.variant) for block in blocks) == Counter(
        (turn // turns, turn, variant)
        for turn, variant in itertools.product(range(observations * turns), variants)
    )
    pair = 2 * len(variants)
    for start in range(0, len(blocks), pair):
        there_and_back = [block.variant for block in blocks[start : start + pair]]
        assert there_and_back == there_and_back[::-1]


def test_variants_come_in_every_order_that_follows_from_the_seed() -> None:
    first, again, other = (interleave(ABC, observations=60, seed=seed) for seed in ("1", "1", "2"))

    assert first == again != other
    assert len({tuple(block.variant for block in first[n : n + 3]) for n in range(0, 180, 3)}) == 6


def test_a_variant_that_is_wanted_once_has_one_block_an_observation() -> None:
    blocks = interleave(ABC, observations=8, turns=4, seed="1", once=["naive"])

    rare = [block for block in blocks if block.variant == "naive"]
    assert [block.observation for block in rare] == list(range(8))
    assert [block.turn % 4 for block in rare] == [0, 1, 2, 3] * 2
    assert Counter(block.variant for block in blocks) == {"uncached": 32, "cached": 32, "naive": 8}
    assert [block.number for block in blocks] == list(range(72))


COLD = Scenario(name="session", purpose="", actions=READS, draw=repeat("list", times=3), requests=3)
WARM = replace(COLD, name="hits", draw=repeat("list", times=3, primed="session"))
WRITES = replace(
    COLD,
    name="writes",
    draw=repeat("complete", times=3, primed="request"),
    changes=frozenset({"complete"}),
)
FRAME = Frame(scenario=COLD, regime="native", origin_ns=1_000)
BLOCK = Block(0, 0, 0, "cached")


@pytest.fixture(name="running")
def _running(fakes: Fakes) -> Iterator[RunningVariant]:
    data, ticks = (
        make_dataset(seed=1, users=4, todos_per_user=1, payload_bytes=5),
        itertools.count(1_000, 10),
    )
    with fakes.variants("cached", data=data, clock_ns=lambda: next(ticks)) as [running]:
        yield running


def test_every_session_of_a_block_is_a_miss_and_then_hits_also_after_a_warm_up(
    running: RunningVariant, fakes: Fakes
) -> None:
    warm_up(running, COLD, amount=9)
    [left] = map(len, fakes.databases.values())
    samples = run_block(running, BLOCK, FRAME, amount=4)

    assert left == 4
    assert [sample.outcome for sample in samples] == ["miss", "hit", "hit"] * 4
    assert [sample.user for sample in samples[::3]] == [0, 1, 2, 3]
    # The first read of a primed session is not recorded.
    primed = run_block(running, BLOCK, replace(FRAME, scenario=WARM), amount=2)
    assert [sample.outcome for sample in primed] == ["hit"] * 6
    assert [sample.index for sample in primed] == [0, 1, 2] * 2
    # Blocks of one observation meet the same users, and the next one others.
    blocks = (BLOCK, Block(1, 0, 0, "uncached"), Block(2, 1, 1, "cached"))
    users = [{each.user for each in run_block(running, block, FRAME, amount=2)} for block in blocks]
    assert users == [{0, 1}, {0, 1}, {2, 3}]


def test_every_write_meets_a_filled_cache_and_is_recorded_as_a_write(
    running: RunningVariant, fakes: Fakes
) -> None:
    samples = run_block(running, BLOCK, replace(FRAME, scenario=WRITES), amount=2)

    assert [sample.outcome for sample in samples] == ["write"] * 6
    assert {sample.status for sample in samples} == {200}
    assert fakes.services[0].dropped == 6


def test_of_an_answer_its_times_and_what_the_service_says_are_kept(
    running: RunningVariant,
) -> None:
    miss, hit, third = run_block(running, BLOCK, FRAME, amount=1)

    # Times count from the origin, and the intended start is the end before.
    assert (miss.start_s, miss.intended_start_s, miss.duration_s) == (0.0, 0.0, 1e-8)
    assert (hit.intended_start_s, hit.start_s) == (1e-8, 2e-8)
    assert third.index == 2
    assert (miss.db_ms, hit.db_ms, hit.cache_ms, hit.app_ms) == (1.0, 0.0, 0.1, 0.5)
    assert (miss.status, miss.body_hash) == (200, hit.body_hash)
    assert (miss.slots, hit.slots) == ("todos=miss user=miss", "todos=hit user=hit")
    assert (miss.action, miss.restart) == ("list", 0)


def test_with_a_rate_operations_start_on_a_schedule_and_late_ones_at_once(
    running: RunningVariant,
) -> None:
    paced = replace(
        COLD, kind="mix", rate=1e6, draw=lambda _: [Operation(0, "list"), Operation(1, "list")]
    )
    clock, slept = itertools.count(0, 400), list[float]()
    frame = replace(FRAME, scenario=paced, clock_ns=lambda: next(clock), sleep=slept.append)

    samples = run_block(running, BLOCK, frame, amount=2)

    # The second is due 1000 ns after the first, and the clock says 400 when it is asked.
    assert [sample.intended_start_s for sample in samples] == [-1e-06, 0.0]
    assert slept == [pytest.approx(6e-07)]
