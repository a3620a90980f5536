"""In which order the variants take their turns."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A short slice of load on one variant.

    The blocks of one turn meet the same operations; one turn or several make an observation.
    """

    number: int
    observation: int
    turn: int
    variant: str


def interleave(
    variants: Sequence[str],
    *,
    observations: int,
    seed: str,
    turns: int = 1,
    once: Collection[str] = (),
) -> list[Block]:
    """Return the blocks of a regime in a random order that balances drift.

    Turns go in twos: a random order of the variants, then its reverse, which is ABBA or BAAB for
    two variants. So over every two turns each variant has the same mean place in time, and a
    machine that slowly speeds up or slows down favours none of them (Abedi and Brecht, "Conducting
    repeatable experiments in highly variable cloud computing environments", ICPE 2017, on why
    separate runs of each variant deceive). The shorter the turns, the faster the changes that
    cancel. Variants in ``once`` have one block in an observation however many turns it has, in
    another turn each time. The same seed gives the same order.
    """
    rng = random.Random(seed)  # noqa: S311 - an order, not a secret
    blocks: list[Block] = []
    for turn in range(observations * turns):
        if turn % 2 == 0:
            order = rng.sample(list(variants), len(variants))
        else:
            order.reverse()
        observation, place = divmod(turn, turns)
        has_all = place == observation % turns
        taking = [variant for variant in order if has_all or variant not in once]
        blocks += [
            Block(number, observation, turn, variant)
            for number, variant in enumerate(taking, start=len(blocks))
        ]
    return blocks
