"""Simulated users do what the scenario says, for ever; nothing of it is written down twice."""

from collections import Counter
from itertools import islice

import pytest

from benchmarks.load.stream import operations, sessions
from benchmarks.scenarios import LOAD_SCENARIOS
from benchmarks.scenarios.base import Operation

MIXES = [name for name, scenario in LOAD_SCENARIOS.items() if scenario.kind == "mix"]


def _first(name: str, *, amount: int = 400, part: str = "", seed: int = 1) -> list[Operation]:
    stream = operations(LOAD_SCENARIOS[name], users=50, seed=seed, part=part)
    return list(islice(stream, amount))


@pytest.mark.parametrize("name", MIXES)
def test_equal_arguments_give_equal_operations_so_every_variant_meets_the_same(name: str) -> None:
    assert _first(name, part="3") == _first(name, part="3")


def test_other_parts_and_seeds_give_other_operations() -> None:
    assert _first("zipf", part="0") != _first("zipf", part="1")
    assert _first("zipf", seed=1) != _first("zipf", seed=2)


def test_all_parts_agree_on_who_is_popular() -> None:
    favorites = {
        Counter(one.user for one in _first("zipf", part=str(part))).most_common(1)[0][0]
        for part in range(4)
    }

    assert len(favorites) == 1


def test_a_mix_is_that_of_its_scenario() -> None:
    actions = Counter(one.action for one in _first("mostly-reads", amount=4000))

    assert actions["complete"] / 4000 == pytest.approx(0.05, abs=0.015)
    assert set(actions) == {"complete", "list"}
    assert len({one.user for one in _first("hot-key")}) == 1


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("session", ["list"] * 5),
        ("sign-in", ["login", "list", "list", "list", "logout"]),
        ("limit-burst", ["guess"] * 10),
    ],
)
def test_a_session_is_whole_and_the_next_one_is_like_it(name: str, steps: list[str]) -> None:
    met = list(islice(sessions(LOAD_SCENARIOS[name], seed=1), 3))

    assert [[one.action for one in session] for session in met] == [steps] * 3
    assert {one.user for session in met for one in session} == {0}


def test_what_is_not_recorded_stays_in_its_session() -> None:
    warm = next(sessions(LOAD_SCENARIOS["hits"], seed=1))
    written = next(sessions(LOAD_SCENARIOS["writes"], seed=1))

    assert [one.counted for one in warm] == [False] + [True] * 5
    assert [(one.action, one.counted) for one in written] == [
        ("list", False),
        ("complete", True),
    ] * 5
