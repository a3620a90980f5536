import random

import pytest

from benchmarks.analysis.evicting import CachedService, EvictingCache, Sizes
from benchmarks.scenarios.base import Operation
from benchmarks.scenarios.mix import READ, WRITE


def keys(*users: int) -> list[tuple[str, int]]:
    return [("todos", user) for user in users]


def put(cache: EvictingCache, key: tuple[str, int], size: float, now_s: float) -> None:
    cache.make_room(size, now_s)
    cache.set(key, size, now_s)


def exact(room: float) -> EvictingCache:
    return EvictingCache(room, random.Random(1), samples=None, tick_s=0)


def test_the_oldest_read_is_dropped_first() -> None:
    cache, (ada, bob, eve) = exact(2), keys(1, 2, 3)
    put(cache, ada, 1, 0)
    put(cache, bob, 1, 1)
    assert cache.get(ada, 2)

    put(cache, eve, 1, 3)

    assert (cache.get(ada, 4), cache.get(bob, 4), cache.get(eve, 4)) == (True, False, True)
    assert cache.evicted == 1


def test_large_entries_drop_several_small_ones() -> None:
    cache = exact(10)
    for number, key in enumerate(keys(1, 2, 3, 4)):
        put(cache, key, 2, number)

    put(cache, ("todos", 9), 7, 9)

    assert cache.evicted == 3
    assert cache.used_bytes == 9


def test_an_entry_ends_with_its_ttl_whether_or_not_it_is_looked_at() -> None:
    cache, (ada, bob) = exact(10), keys(1, 2)
    cache.set(ada, 1, 0, ttl_s=5)
    cache.set(bob, 1, 0, ttl_s=5)

    assert cache.get(ada, 4.9)
    assert not cache.get(ada, 5)
    cache.expire(5)

    assert cache.used_bytes == 0
    assert cache.evicted == 0


def test_of_sampled_keys_the_oldest_by_whole_seconds_goes() -> None:
    cache = EvictingCache(3, random.Random(1), samples=50)
    for number, key in enumerate(keys(1, 2, 3)):
        put(cache, key, 1, number + 0.5)

    put(cache, ("todos", 9), 1, 9.5)

    assert not cache.get(("todos", 1), 9.6)


def test_within_one_second_all_ages_are_alike() -> None:
    dropped = set()
    for seed in range(40):
        cache = EvictingCache(3, random.Random(seed))
        for number, key in enumerate(keys(1, 2, 3)):
            put(cache, key, 1, 0.1 * number)
        put(cache, ("todos", 4), 1, 0.9)
        dropped |= {user for user in (1, 2, 3) if not cache.get(("todos", user), 0.95)}

    assert dropped == {1, 2, 3}


def test_a_key_in_the_pool_keeps_the_age_that_it_had() -> None:
    cache = EvictingCache(2, random.Random(1), samples=50)
    put(cache, ("todos", 1), 1, 0)
    put(cache, ("todos", 2), 1, 5)
    put(cache, ("todos", 3), 1, 20)
    # The second was looked at and is the next oldest; being read now does not save it.
    assert cache.get(("todos", 2), 30)

    put(cache, ("todos", 4), 1, 30)

    assert not cache.get(("todos", 2), 31)


@pytest.mark.parametrize("samples", [None, 5])
def test_a_write_empties_the_list_and_leaves_the_account(samples: int | None) -> None:
    service = CachedService(
        cache=EvictingCache(1000, random.Random(1), samples=samples),
        sizes=Sizes(user=1, todos=10, trace=2),
        ttl_s=100,
        user_ttl_s=100,
    )

    service.run([Operation(1, READ), Operation(1, READ), Operation(1, WRITE)], rate=10)
    assert service.cache.used_bytes == 3
    service.run([Operation(1, READ)], rate=10, from_s=0.3)

    assert (service.reads, service.hits, service.user_hits) == (3, 1, 2)
    assert service.cache.used_bytes == 11
