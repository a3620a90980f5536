import itertools
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from pymongo.errors import OperationFailure
from redis.exceptions import ResponseError

from benchmarks.measure.counters import REPEATS, SESSIONS, count
from benchmarks.stack.dataset import make_dataset
from benchmarks.storage.records import Counted, Lookups
from tests.unit.benchmarks.fake_dependencies import Fakes


def counted(
    fakes: Fakes, variant: str = "cached", *, admin: Any = None, users: int = 3, **changes: Any
) -> Counted:
    data = make_dataset(seed=1, users=users, todos_per_user=1, payload_bytes=5)
    with fakes.variants(variant, data=data) as [running]:
        # What was cached before does not count.
        running.connection.send(running.reads[0])
        asked = admin or fakes.mongo.get_database("admin")
        return count(replace(running, **changes), admin=asked, sleep=lambda _: None, restart=2)


def test_every_user_misses_once_whatever_was_cached_before_and_then_hits(fakes: Fakes) -> None:
    found = counted(fakes)

    assert (found.variant, found.restart, found.sessions) == ("cached", 2, 3)
    cold = {"user_hits": 0, "todos_hits": 0, "user_finds": 3, "todos_finds": 3}
    warm = {"user_hits": 12, "todos_hits": 12, "user_finds": 0, "todos_finds": 0}
    assert found.cold == Lookups(reads=3, answered=3, **cold, keyspace_hits=0, keyspace_misses=6)
    assert found.warm == Lookups(reads=12, answered=12, **warm, keyspace_hits=24, keyspace_misses=0)


def test_only_the_first_users_are_asked(fakes: Fakes) -> None:
    assert counted(fakes, users=SESSIONS + 1).warm.reads == SESSIONS * REPEATS


def test_without_a_cache_every_read_is_two_finds_and_no_redis_is_asked(fakes: Fakes) -> None:
    found = counted(fakes, "uncached")

    assert (found.cold.finds, found.warm.finds) == (6, 24)
    assert found.warm.keyspace_hits is None


def test_what_a_server_refuses_to_say_is_unknown(fakes: Fakes) -> None:
    no_top = counted(fakes, admin=Mock(command=Mock(side_effect=OperationFailure("no", 13))))
    no_info = counted(fakes, cache=Mock(info=Mock(side_effect=ResponseError("unknown command"))))

    assert (no_top.warm.finds, no_top.warm.keyspace_hits) == (None, 24)
    assert (no_info.cold.keyspace_hits, no_info.warm.keyspace_misses) == (None, None)
    assert no_info.warm.hits == 24


@pytest.mark.parametrize(
    ("stored", "misses"),
    [
        # A service stores what it read after it has answered.
        ([0, 0, 1, 2, 3], 3),
        # Somebody else uses this Redis: that does not hold the count up for ever.
        (itertools.count(), 51),
    ],
)
def test_redis_is_asked_until_it_counts_no_more(fakes: Fakes, stored: Any, misses: int) -> None:
    steps = iter(stored)
    last = [0]

    def info(_section: str) -> dict[str, int]:
        last[0] = next(steps, last[0])
        return {"keyspace_hits": 0, "keyspace_misses": last[0]}

    found = counted(fakes, cache=Mock(info=info))

    assert found.cold.keyspace_misses == misses


@pytest.mark.parametrize("answer", [{}, {"totals": {}}, {"totals": {"db.users": {}}}])
def test_a_collection_that_top_does_not_name_was_never_asked(
    fakes: Fakes, answer: dict[str, Any]
) -> None:
    found = counted(fakes, admin=Mock(command=lambda _: answer))

    assert found.warm.finds == (0 if answer else None)


def test_the_finds_of_each_collection_are_counted_for_themselves(fakes: Fakes) -> None:
    finds = itertools.count()

    def top(_command: object) -> Any:
        return {"totals": {"compare_ab12_cached.todos": {"queries": {"count": next(finds)}}}}

    found = counted(fakes, admin=Mock(command=top))

    assert (found.warm.user_finds, found.warm.todos_finds) == (0, 1)
