import random
from collections import Counter

import pytest

from benchmarks.scenarios.popularity import UNIFORM, Latest, Popularity, Zipf

DRAWS = 200_000


def drawn(popularity: Popularity, *, users: int, seed: int = 1, times: int = DRAWS) -> list[int]:
    choice = popularity.choice(users, random.Random(seed))
    return [choice.reader() for _ in range(times)]


@pytest.mark.parametrize(("users", "most"), [(100, 0.189), (1000, 0.129)])
def test_the_most_popular_user_gets_the_share_of_a_true_zipf(users: int, most: float) -> None:
    counts = Counter(drawn(Zipf(0.99), users=users))

    [(_, count)] = counts.most_common(1)
    assert count / DRAWS == pytest.approx(most, abs=0.004)


def test_every_share_is_met() -> None:
    counts = Counter(drawn(Zipf(0.99), users=20))

    ranked = [count / DRAWS for _, count in counts.most_common()]
    assert ranked == pytest.approx(Zipf(0.99).shares(20).tolist(), abs=0.005)


def test_without_skew_everybody_is_alike() -> None:
    counts = Counter(drawn(UNIFORM, users=20))

    assert sorted(counts) == list(range(20))
    assert max(counts.values()) / DRAWS == pytest.approx(0.05, abs=0.004)
    assert min(counts.values()) / DRAWS == pytest.approx(0.05, abs=0.004)


@pytest.mark.parametrize("popularity", [Zipf(), UNIFORM, Latest()])
def test_equal_generators_draw_equal_users_and_others_do_not(popularity: Popularity) -> None:
    one, same, other = (drawn(popularity, users=50, seed=seed, times=60) for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_who_is_popular_differs_from_block_to_block() -> None:
    favorites = {
        Counter(drawn(Zipf(), users=20, seed=seed, times=500)).most_common(1)[0][0]
        for seed in range(30)
    }

    assert len(favorites) > 5


def test_readers_and_writers_are_popular_alike() -> None:
    choice = Zipf(0.99).choice(20, random.Random(1))

    reads = Counter(choice.reader() for _ in range(50_000))
    writes = Counter(choice.writer() for _ in range(50_000))

    assert reads.most_common(1)[0][0] == writes.most_common(1)[0][0]


def test_who_wrote_last_is_read_as_the_first_of_the_ranks() -> None:
    choice = Latest(0.99).choice(100, random.Random(1))

    read = []
    for _ in range(20_000):
        writer = choice.writer()
        read.append(choice.reader() == writer)

    assert sum(read) / len(read) == pytest.approx(0.189, abs=0.01)


def test_who_wrote_before_the_last_is_read_as_the_second_of_the_ranks() -> None:
    choice = Latest(0.99).choice(100, random.Random(1))

    read = []
    for _ in range(20_000):
        earlier, last = choice.writer(), choice.writer()
        if earlier != last:
            read.append(choice.reader() == earlier)

    assert sum(read) / len(read) == pytest.approx(0.189 / 2**0.99, abs=0.01)


def test_anybody_may_write_next_where_reads_follow_writes() -> None:
    choice = Latest().choice(20, random.Random(1))

    counts = Counter(choice.writer() for _ in range(DRAWS))

    assert sorted(counts) == list(range(20))
    assert max(counts.values()) / DRAWS == pytest.approx(0.05, abs=0.004)


def test_a_single_user_is_everybody() -> None:
    assert drawn(Zipf(), users=1, times=5) == [0] * 5
