from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.hits import hits
from benchmarks.analysis.checks.measured import Measured
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import sample

# A write, what it invalidated, and a hit again.
USERS_AND_ACTIONS = [
    (0, "list"),
    (0, "list"),
    (1, "list"),
    (0, "complete"),
    (0, "list"),
    (0, "list"),
]
OUTCOMES: list[Any] = ["miss", "hit", "miss", "write", "miss", "hit"]


def block(number: int, outcomes: Sequence[Any] = OUTCOMES, variant: str = "cached") -> list[Sample]:
    return [
        sample(
            variant=variant, block=number, user=user, action=action, index=index, outcome=outcome
        )
        for index, ((user, action), outcome) in enumerate(
            zip(USERS_AND_ACTIONS, outcomes, strict=True)
        )
    ]


def part(samples: list[Sample]) -> Measured:
    return Measured(
        samples=samples,
        variants=("uncached", "cached"),
        caching=frozenset({"cached"}),
        ours=frozenset({"cached"}),
        changing=frozenset({"complete"}),
        mix=True,
    )


def test_a_cache_that_hits_what_it_can_passes() -> None:
    guard = hits(part([*block(0), *block(1)]))

    assert guard.passed
    assert guard.detail == "cached hit 4 of 4 times"


@pytest.mark.parametrize("forgotten", [1, 5])
def test_a_cache_that_forgets_fails(forgotten: int) -> None:
    outcomes = [*OUTCOMES]
    outcomes[forgotten] = "miss"

    guard = hits(part([*block(0), *block(1, outcomes)]))

    assert not guard.passed
    assert guard.detail == "cached hit 3 of 4 times"


def test_a_read_that_redis_did_not_answer_in_time_is_forgiven_once_in_a_hundred() -> None:
    many = [each for number in range(50) for each in block(number)]
    many[1] = replace(many[1], outcome="miss")

    assert hits(part(many)).passed


def test_nobody_s_hits_are_counted_but_ours() -> None:
    misses: list[Any] = ["miss", "miss", "miss", "write", "miss", "miss"]

    assert hits(part([*block(0), *block(1, misses, "naive")])).passed
