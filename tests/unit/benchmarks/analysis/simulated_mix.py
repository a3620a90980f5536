"""Blocks of mixes that never happened; the cached variant is an ideal cache."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import Draw
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample

USERS = 20
VARIANTS = ("uncached", "cached")
UNCACHED_S, HIT_S, MISS_S, WRITE_S = 0.010, 0.001, 0.012, 0.020


def number(observation: int, variant: str) -> int:
    """Return the number of a block."""
    return 3 * observation + ("uncached", "cached", "static").index(variant)


def block(name: str, variant: str, observation: int, *, operations: int) -> list[Sample]:
    """Make the samples of one block; of three observations each is slower than the one before."""
    scenario, slower = SCENARIOS[name], 1 + observation % 3
    given = Draw(users=USERS, amount=operations, turn=observation, rng=random.Random(observation))
    filled: set[int] = set()
    known: set[int] = set()
    samples = []
    for index, each in enumerate(scenario.draw(given)):
        writes, hit = each.action in scenario.changes, each.user in filled
        values: dict[str, Any] = {"outcome": "bypass", "slots": "todos=off user=off"}
        duration_s = UNCACHED_S
        if variant == "cached":
            user = f"user={'hit' if each.user in known else 'cold'}"
            todos = f"todos={'hit' if hit else 'cold'}"
            values = {
                "outcome": "write" if writes else "hit" if hit else "miss",
                "slots": user if writes else f"{todos} {user}",
            }
            duration_s = HIT_S if hit else MISS_S
            known.add(each.user)
            (filled.discard if writes else filled.add)(each.user)
        elif variant == "static":
            values = {"outcome": "unknown", "slots": ""}
        samples.append(
            sample(
                scenario=name,
                observation=observation,
                block=number(observation, variant),
                variant=variant,
                user=each.user,
                index=index,
                action=each.action,
                start_s=100 * observation + index * 0.01,
                duration_s=(WRITE_S if writes else duration_s) * slower,
                **values,
            )
        )
    return samples


@cache
def run(
    name: str,
    *,
    variants: Sequence[str] = VARIANTS,
    observations: int = 40,
    operations: int = 100,
) -> tuple[Sample, ...]:
    """Make the blocks of all variants, in turn."""
    return tuple(
        each
        for observation in range(observations)
        for variant in variants
        for each in block(name, variant, observation, operations=operations)
    )
