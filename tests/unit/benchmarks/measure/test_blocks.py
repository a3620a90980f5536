import itertools
from collections import Counter

import pytest

from benchmarks.measure.blocks import interleave

AB = ("uncached", "cached")
ABC = ("uncached", "cached", "naive")


def orders(variants: tuple[str, ...], observations: int, seed: str) -> list[tuple[str, ...]]:
    blocks = interleave(variants, observations=observations, seed=seed)
    return [
        tuple(block.variant for block in group)
        for _, group in itertools.groupby(blocks, key=lambda block: block.observation)
    ]


def test_two_variants_take_turns_as_abba_or_baab() -> None:
    turns = orders(AB, 40, "1")
    quads = {turns[i] + turns[i + 1] for i in range(0, 40, 2)}

    assert quads == {AB + AB[::-1], AB[::-1] + AB}


@pytest.mark.parametrize("variants", [AB, ABC])
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_every_variant_has_the_same_mean_place_in_time(
    variants: tuple[str, ...], seed: str
) -> None:
    blocks = interleave(variants, observations=20, seed=seed)
    places = {
        variant: sum(block.number for block in blocks if block.variant == variant)
        for variant in variants
    }

    assert len(set(places.values())) == 1


def test_more_than_two_variants_come_in_every_order_that_follows_from_the_seed() -> None:
    assert len(set(orders(ABC, 60, "1"))) == 6
    assert orders(AB, 20, "1") == orders(AB, 20, "1")
    assert orders(AB, 20, "1") != orders(AB, 20, "2")


def test_an_observation_has_one_block_of_every_variant() -> None:
    blocks = interleave(ABC, observations=7, seed="1")

    assert Counter((block.observation, block.variant) for block in blocks) == Counter(
        itertools.product(range(7), ABC)
    )
    assert [block.number for block in blocks] == list(range(21))


def test_several_turns_are_one_observation() -> None:
    blocks = interleave(AB, observations=3, turns=4, seed="1")

    assert [(block.observation, block.turn) for block in blocks[::2]] == [
        (turn // 4, turn) for turn in range(12)
    ]
    assert {block.variant for block in blocks[:2]} == set(AB)
    for turn in range(0, 12, 2):
        abba = [block.variant for block in blocks if block.turn in (turn, turn + 1)]
        assert abba == abba[::-1]


def test_a_variant_that_is_wanted_once_has_one_block_an_observation() -> None:
    blocks = interleave(ABC, observations=8, turns=4, seed="1", once=["naive"])

    rare = [block for block in blocks if block.variant == "naive"]
    assert [block.observation for block in rare] == list(range(8))
    assert [block.turn % 4 for block in rare] == [0, 1, 2, 3] * 2
    assert Counter(block.variant for block in blocks) == {"uncached": 32, "cached": 32, "naive": 8}
    assert [block.number for block in blocks] == list(range(72))
