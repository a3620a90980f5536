"""In which order the variants take their turns."""

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A short slice of load on one variant; one block of every variant is one observation."""

    number: int
    observation: int
    variant: str


def interleave(variants: Sequence[str], *, observations: int, seed: str) -> list[Block]:
    """Return the blocks of a regime in a random order that balances drift.

    Observations go in twos: a random order of the variants, then its reverse, which is ABBA or
    BAAB for two variants. So over every two observations each variant has the same mean place in
    time, and a machine that slowly speeds up or slows down favours none of them (Abedi and
    Brecht, "Conducting repeatable experiments in highly variable cloud computing environments",
    ICPE 2017, on why separate runs of each variant deceive). The same seed gives the same order.
    """
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    blocks: list[Block] = []
    for observation in range(observations):
        if observation % 2 == 0:
            order = rng.sample(list(variants), len(variants))
        else:
            order.reverse()
        blocks += [
            Block(len(blocks) + place, observation, variant) for place, variant in enumerate(order)
        ]
    return blocks
