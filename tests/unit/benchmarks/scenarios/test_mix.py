import random
from collections import Counter

import pytest

from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import USUAL, Draw, Operation, Scenario
from benchmarks.scenarios.mix import Mix, mix_scenario, without_instants
from benchmarks.scenarios.popularity import UNIFORM
from tests.unit.benchmarks.scenarios.test_popularity import Even

MIXES = [scenario for scenario in SCENARIOS.values() if scenario.kind == "mix"]
LIST = (
    b'[{"id":"1","task":"a","completed":true,"created_at":"2026-01-01T00:00:00Z",'
    b'"updated_at":"%s","completion_time":null,"reminder_sent":false,"rev":%d}]'
)


def operations(
    scenario: Scenario, *, amount: int = 300, rng: random.Random | None = None
) -> list[Operation]:
    given = Draw(users=20, amount=amount, turn=0, rng=rng or random.Random(1))
    return list(scenario.draw(given))


@pytest.mark.parametrize(
    ("name", "reads"),
    [("uniform", 1), ("zipf", 1), ("mostly-reads", 0.95), ("half-writes", 0.5), ("latest", 0.95)],
)
def test_a_mix_has_its_share_of_reads(name: str, reads: float) -> None:
    drawn = operations(SCENARIOS[name], amount=1000, rng=Even(1))

    assert Counter(each.action for each in drawn)["list"] / 1000 == pytest.approx(reads, abs=0.01)


@pytest.mark.parametrize("scenario", MIXES, ids=lambda scenario: scenario.name)
def test_a_mix_draws_the_same_operations_again_all_recorded_in_one_session(
    scenario: Scenario,
) -> None:
    drawn, same, other = (operations(scenario, rng=random.Random(seed)) for seed in (1, 1, 2))

    assert drawn == same != other
    assert len(drawn) == 300
    assert {(each.session, each.counted) for each in drawn} == {(0, True)}
    assert {each.action for each in drawn} <= scenario.actions.keys()
    assert {each.user for each in drawn} <= set(range(20))
    assert scenario.changes == scenario.actions.keys() - {"list"}


def test_the_settings_are_those_the_mixes_are_about() -> None:
    settings = {scenario.name: scenario.setting for scenario in MIXES if scenario.setting != USUAL}

    assert settings.keys() == {"empty-lists", "ttl-bound", "unindexed"}
    assert settings["empty-lists"].empty_share == 1
    assert settings["ttl-bound"].env == (("TODOS_TTL_SECONDS", "1"),)
    assert not settings["unindexed"].indexed


def test_a_mix_without_writes_changes_nothing() -> None:
    reading = mix_scenario("r", "reads", Mix(UNIFORM))
    writing = mix_scenario("w", "writes", Mix(UNIFORM, reads=0.9))

    assert (set(reading.changes), set(reading.actions)) == (set(), {"list"})
    assert (set(writing.changes), set(writing.actions)) == ({"complete"}, {"list", "complete"})


def test_of_two_bodies_everything_is_compared_but_the_moments_of_writing() -> None:
    early, late = LIST % (b"2026-01-01T00:00:01Z", 2), LIST % (b"2026-01-01T00:00:09.123Z", 2)
    before_a_write = LIST % (b"2026-01-01T00:00:01Z", 1)
    texts = [rb'[{"task":"\"updated_at\":\"%s\""}]' % moment for moment in (b"now", b"then")]

    assert early != late
    assert without_instants(early) == without_instants(late)
    assert without_instants(early) != without_instants(before_a_write)
    # What a user wrote is compared whatever it looks like.
    assert without_instants(texts[0]) != without_instants(texts[1])
