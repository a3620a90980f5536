from collections.abc import Sequence

import pytest

from benchmarks.analysis.checks import Check
from benchmarks.analysis.checks.hits import hits
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import changed, measured
from tests.unit.benchmarks.simulate import sample

# A write, what it invalidated, and a hit again.
OPERATIONS = (
    (0, "list", "miss"),
    (0, "list", "hit"),
    (1, "list", "miss"),
    (0, "complete", "write"),
    (0, "list", "miss"),
    (0, "list", "hit"),
)


def blocks(count: int, variant: str = "cached") -> list[Sample]:
    return [
        sample(variant=variant, block=block, user=user, action=action, index=index, outcome=outcome)
        for block in range(count)
        for index, (user, action, outcome) in enumerate(OPERATIONS)
    ]


def judged(samples: Sequence[Sample]) -> Check:
    return hits(measured(samples, changing=frozenset({"complete"}), mix=True))


def test_a_cache_that_hits_what_it_can_passes() -> None:
    assert judged(blocks(2)).passed
    assert judged(blocks(2)).detail == "cached hit 4 of 4 times"


@pytest.mark.parametrize("forgotten", [1, 5])
def test_a_cache_that_forgets_fails(forgotten: int) -> None:
    check = judged(changed(blocks(2), lambda each: each.index == forgotten, outcome="miss"))

    assert not check.passed
    assert check.detail == "cached hit 3 of 4 times"


def test_a_read_that_redis_did_not_answer_in_time_is_forgiven_once_in_a_hundred() -> None:
    assert judged(changed(blocks(50), lambda each: each.index == 1, outcome="miss")).passed


def test_nobody_s_hits_are_counted_but_ours() -> None:
    naive = changed(blocks(1, "naive"), lambda each: each.index == 1, outcome="miss")

    assert judged([*blocks(1), *naive]).passed
