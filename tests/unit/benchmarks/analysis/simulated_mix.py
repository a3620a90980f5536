"""Blocks of mixes that never happened; the cached variant is an ideal cache."""

import random
from collections.abc import Sequence
from typing import Any

from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.scenarios.base import Draw
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample

USERS = 20
VARIANTS = ("uncached", "cached")
PLACES = ("uncached", "cached", "static")
UNCACHED_S, HIT_S, MISS_S, WRITE_S = 0.010, 0.001, 0.012, 0.020


def number(observation: int, variant: str) -> int:
    return len(PLACES) * observation + PLACES.index(variant)


def block(
    scenario: Scenario, variant: str, observation: int, *, operations: int, slower: float = 1.0
) -> list[Sample]:
    """Make the samples of one block."""
    rng = random.Random(observation)
    given = Draw(users=USERS, amount=operations, turn=observation, rng=rng)
    filled: set[int] = set()
    known: set[int] = set()
    samples = []
    for index, each in enumerate(scenario.draw(given)):
        writes, hit = each.action in scenario.changes, each.user in filled
        values: dict[str, Any] = {"outcome": "bypass", "slots": "todos=off user=off"}
        duration_s = UNCACHED_S
        if variant == "cached":
            slots = (f"todos={'hit' if hit else 'cold'}", f"user={_seen(each.user, known)}")
            values = {
                "outcome": "write" if writes else "hit" if hit else "miss",
                "slots": slots[1] if writes else " ".join(slots),
            }
            duration_s = HIT_S if hit else MISS_S
            known.add(each.user)
            (filled.discard if writes else filled.add)(each.user)
        elif variant == "static":
            values = {"outcome": "unknown", "slots": ""}
        samples.append(
            sample(
                scenario=scenario.name,
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


def _seen(user: int, known: set[int]) -> str:
    return "hit" if user in known else "cold"


def run(
    name: str,
    *,
    variants: Sequence[str] = VARIANTS,
    observations: int = 40,
    operations: int = 100,
) -> list[Sample]:
    return [
        each
        for observation in range(observations)
        for variant in variants
        for each in block(
            SCENARIOS[name], variant, observation, operations=operations, slower=1 + observation % 3
        )
    ]
