import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from pymongo.errors import OperationFailure
from redis.exceptions import ResponseError

from benchmarks.measure.client import Connection, Response
from benchmarks.measure.counters import PAUSE_S, REPEATS, SESSIONS, count
from benchmarks.measure.sessions import RunningVariant
from benchmarks.storage.records import Counted, Lookups

HIT, MISS = "todos; hit, user; hit", "todos; fwd=miss, user; fwd=miss"
HALF = "todos; fwd=miss, user; hit"


@dataclass
class CountingServers:
    """A service, its database and its Redis, all of them counting.

    Filling goes on after the answer: each pause stores what one miss read.
    """

    caches: bool = True
    hit: str = HIT
    refuses_top: bool = False
    refuses_info: bool = False
    users_finds: int = 7
    todos_finds: int = 11
    hits: int = 100
    misses: int = 200
    stored: set[bytes] = field(default_factory=set)
    filling: list[bytes] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def send(self, request: bytes) -> Response:
        hit = request in self.stored
        if hit:
            self.hits += 2
        else:
            self.users_finds += 1
            self.todos_finds += 1
            if self.caches:
                self.misses += 2
                self.filling.append(request)
        headers = {"cache-status": self.hit if hit else MISS}
        return Response(status=200, headers=headers, body=b"[]", start_ns=0, duration_ns=1)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.filling:
            self.hits += 2
            self.stored.add(self.filling.pop())

    def command(self, command: dict[str, Any], /) -> Any:
        assert command == {"top": 1}
        if self.refuses_top:
            raise OperationFailure("not authorized", 13)
        finds = {"db.users": self.users_finds, "db.todos": self.todos_finds, "other.users": 5}
        return {"totals": {name: {"queries": {"count": n}} for name, n in finds.items()}}

    def __getitem__(self, name: str, /) -> Any:
        raise KeyError(name)

    def list_collection_names(self) -> list[str]:
        return []

    def info(self, section: str, /) -> Any:
        assert section == "stats"
        if self.refuses_info:
            raise ResponseError("unknown command 'INFO'")
        return {"keyspace_hits": self.hits, "keyspace_misses": self.misses}


def counted(servers: Any, *, users: int = 3, redis: bool = True, restart: int = 0) -> Counted:
    connection = Connection("http://nowhere:1")
    connection.send = servers.send  # type: ignore[method-assign]
    running = RunningVariant(
        variant="cached",
        connection=connection,
        requests={"list": [f"user {number}".encode() for number in range(users)]},
        empty_cache=servers.stored.clear,
        pid=1,
        database="db",
        cache=servers if redis else None,
    )
    return count(running, admin=servers, sleep=servers.sleep, restart=restart)


def test_every_user_misses_once_whatever_was_cached_before_and_then_hits() -> None:
    servers = CountingServers(stored={b"user 0", b"user 1"})
    found = counted(servers, restart=2)

    assert (found.variant, found.restart, found.sessions) == ("cached", 2, 3)
    cold = {"user_hits": 0, "todos_hits": 0, "user_finds": 3, "todos_finds": 3}
    warm = {"user_hits": 12, "todos_hits": 12, "user_finds": 0, "todos_finds": 0}
    assert found.cold == Lookups(reads=3, answered=3, **cold, keyspace_hits=6, keyspace_misses=6)
    assert found.warm == Lookups(reads=12, answered=12, **warm, keyspace_hits=24, keyspace_misses=0)
    # Between rounds a copy in the service has time to end.
    assert set(servers.pauses) == {PAUSE_S}
    assert PAUSE_S > 0.02
    # Each value is counted for itself, of the first users.
    half = counted(CountingServers(hit=HALF), users=SESSIONS + 1).warm
    reads = SESSIONS * REPEATS
    assert (half.reads, half.user_hits, half.todos_hits) == (reads, reads, 0)


def test_without_a_cache_every_read_is_two_finds_and_no_redis_is_asked() -> None:
    found = counted(CountingServers(caches=False), redis=False)

    assert (found.cold.finds, found.warm.finds) == (6, 24)
    assert found.warm.keyspace_hits is None


def test_what_a_server_refuses_to_say_is_unknown() -> None:
    no_top, no_info = (
        counted(CountingServers(refuses_top=True)),
        counted(CountingServers(refuses_info=True)),
    )

    assert (no_top.warm.user_finds, no_top.cold.todos_finds) == (None, None)
    assert (no_top.warm.finds, no_top.warm.keyspace_hits) == (None, 24)
    assert (no_info.cold.keyspace_hits, no_info.warm.keyspace_misses) == (None, None)
    assert no_info.warm.hits == 24


def test_a_redis_that_somebody_else_uses_does_not_hold_the_count_up_for_ever() -> None:
    servers = CountingServers()
    ticks = itertools.count()
    quiet = servers.info
    servers.info = lambda section: quiet(section) | {"keyspace_misses": next(ticks)}  # type: ignore[method-assign]

    found = counted(servers)

    assert found.warm.keyspace_hits == 24
    assert found.warm.keyspace_misses


@pytest.mark.parametrize("answer", [{}, {"totals": {}}, {"totals": {"db.users": {}}}])
def test_a_collection_that_top_does_not_name_was_never_asked(answer: dict[str, Any]) -> None:
    servers = CountingServers()
    servers.command = lambda _: answer  # type: ignore[method-assign]

    assert counted(servers).warm.finds == (0 if answer else None)
