"""What users ask for: mixes, and how popular each user is in them."""

import random
from collections import Counter

import pytest

from benchmarks.scenarios import LOAD_SCENARIOS, SCENARIOS
from benchmarks.scenarios.base import Draw, Operation, Scenario
from benchmarks.scenarios.mix import without_instants
from benchmarks.scenarios.popularity import UNIFORM, Latest, Popularity, Zipf, zipf

DRAWS = 4000
GOLDEN = 0.6180339887498949
MIXES = [scenario for scenario in SCENARIOS.values() if scenario.kind == "mix"]
LIST = (
    b'[{"id":"1","task":"a","completed":true,"created_at":"2026-01-01T00:00:00Z",'
    b'"updated_at":"%s","completion_time":null,"reminder_sent":false,"rev":%d}]'
)


class Even(random.Random):
    """Fills 0 to 1 evenly, so that few draws meet every share."""

    place = 0.0

    def random(self) -> float:
        self.place = (self.place + GOLDEN) % 1
        return self.place


def drawn(popularity: Popularity, rng: random.Random, *, users: int, times: int) -> list[int]:
    choice = popularity.choice(users, rng)
    return [choice.reader() for _ in range(times)]


def shares_of(popularity: Popularity, *, users: int) -> list[float]:
    counts = Counter(drawn(popularity, Even(1), users=users, times=DRAWS))
    return [count / DRAWS for _, count in counts.most_common()]


@pytest.mark.parametrize(("users", "most"), [(100, 0.189), (1000, 0.129)])
def test_the_most_popular_user_gets_the_share_of_a_true_zipf(users: int, most: float) -> None:
    assert shares_of(Zipf(0.99), users=users)[0] == pytest.approx(most, abs=0.004)


def test_every_share_is_met_and_without_skew_everybody_is_alike() -> None:
    expected = zipf(20, 0.99).tolist()

    assert shares_of(Zipf(0.99), users=20) == pytest.approx(expected, abs=0.005)
    assert shares_of(UNIFORM, users=20) == pytest.approx([0.05] * 20, abs=0.004)


def test_who_is_popular_differs_from_block_to_block() -> None:
    favorites = {
        Counter(drawn(Zipf(), random.Random(seed), users=20, times=200)).most_common(1)[0][0]
        for seed in range(30)
    }

    assert len(favorites) > 5
    assert len({each.user for each in operations(LOAD_SCENARIOS["hot-key"])}) == 1


def test_readers_and_writers_are_popular_alike() -> None:
    choice = Zipf(0.99).choice(20, random.Random(1))

    reads, writes = (
        Counter(draw() for _ in range(1000)).most_common(1)
        for draw in (choice.reader, choice.writer)
    )

    assert reads[0][0] == writes[0][0]


@pytest.mark.parametrize(("writes_ago", "share"), [(1, 0.189), (2, 0.189 / 2**0.99)])
def test_who_wrote_last_is_read_as_the_first_of_the_ranks_and_who_wrote_before_as_the_second(
    writes_ago: int, share: float
) -> None:
    choice = Latest(0.99).choice(100, random.Random(1))

    read = []
    for _ in range(10_000):
        writers = [choice.writer() for _ in range(writes_ago)]
        if len({*writers}) == writes_ago:
            read.append(choice.reader() == writers[0])

    assert sum(read) / len(read) == pytest.approx(share, abs=0.01)


def test_anybody_may_write_next_where_reads_follow_writes() -> None:
    choice, draws = Latest().choice(20, random.Random(1)), 40_000

    counts = Counter(choice.writer() for _ in range(draws))

    assert sorted(counts) == list(range(20))
    assert [count / draws for count in counts.values()] == pytest.approx([0.05] * 20, abs=0.004)


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


def test_of_two_bodies_everything_is_compared_but_the_moments_of_writing() -> None:
    early, late = LIST % (b"2026-01-01T00:00:01Z", 2), LIST % (b"2026-01-01T00:00:09.123Z", 2)
    before_a_write = LIST % (b"2026-01-01T00:00:01Z", 1)
    texts = [rb'[{"task":"\"updated_at\":\"%s\""}]' % moment for moment in (b"now", b"then")]

    assert early != late
    assert without_instants(early) == without_instants(late)
    assert without_instants(early) != without_instants(before_a_write)
    # What a user wrote is compared whatever it looks like.
    assert without_instants(texts[0]) != without_instants(texts[1])
