"""Count the same reads three times: by the answers' headers, by Redis and by the database.

This happens outside of any timing, on a variant that nothing else uses meanwhile.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pymongo.database import Database
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.measure.client import slots_of
from benchmarks.measure.sessions import RunningVariant
from benchmarks.stack.dataset import Document
from benchmarks.storage.records import Counted, Lookups

SESSIONS = 10
REPEATS = 4
"""So that a session is five reads, as in the tutorial."""

_PAUSE_S = 0.03
_SETTLING_PAUSES = 50
_HTTP_OK = 200

Pair = tuple[int | None, int | None]
_UNKNOWN: Pair = (None, None)


def count(
    running: RunningVariant,
    *,
    admin: Database[Document],
    restart: int = 0,
    sleep: Callable[[float], None] = time.sleep,
) -> Counted:
    """Have the first users read once from an emptied cache and then ``REPEATS`` times more.

    ``admin`` is the database that answers ``top``; no other load may be on the variant's Redis. A
    server that refuses, or no Redis, leaves its counts None. Raises ``ClientError``.
    """
    users = range(min(SESSIONS, running.users))
    source = _Source(running, admin, sleep)
    running.empty_cache()
    cold = source.around(users)
    warm = source.around([*users] * REPEATS)
    return Counted(
        variant=running.variant, restart=restart, sessions=len(users), cold=cold, warm=warm
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Reads of one running variant, with the counters read before and after."""

    running: RunningVariant
    admin: Database[Document]
    sleep: Callable[[float], None]

    def around(self, users: Iterable[int]) -> Lookups:
        """Read the list of each user and return what all of them counted."""
        finds, keyspace = _finds(self.admin, self.running.database), self._settled()
        answers = [self.running.connection.send(self.running.reads[user]) for user in users]
        user_finds, todos_finds = _rise(finds, _finds(self.admin, self.running.database))
        keyspace_hits, keyspace_misses = _rise(keyspace, self._settled())
        said = [slots_of(answer.headers.get("cache-status")).split() for answer in answers]
        return Lookups(
            reads=len(answers),
            answered=sum(answer.status == _HTTP_OK for answer in answers),
            user_hits=sum("user=hit" in slots for slots in said),
            todos_hits=sum("todos=hit" in slots for slots in said),
            user_finds=user_finds,
            todos_finds=todos_finds,
            keyspace_hits=keyspace_hits,
            keyspace_misses=keyspace_misses,
        )

    def _settled(self) -> Pair:
        """Return what Redis counted once it counts no more.

        A service may store what it read after it has answered.
        """
        seen = _keyspace(self.running.cache)
        for _ in range(_SETTLING_PAUSES):
            self.sleep(_PAUSE_S)
            before, seen = seen, _keyspace(self.running.cache)
            if seen == before:
                break
        return seen


def _finds(admin: Database[Document], database: str) -> Pair:
    """Return the finds of the collections of users and todos since the server started."""
    try:
        totals = admin.command({"top": 1})["totals"]
        users, todos = (
            int(totals.get(f"{database}.{name}", {}).get("queries", {}).get("count", 0))
            for name in ("users", "todos")
        )
    except (PyMongoError, KeyError, TypeError):
        return _UNKNOWN
    return users, todos


def _keyspace(cache: Redis | None) -> Pair:
    """Return the lookups of keys that were there and of keys that were not."""
    if cache is None:
        return _UNKNOWN
    try:
        figures = cache.info("stats")
        return int(figures["keyspace_hits"]), int(figures["keyspace_misses"])
    except (RedisError, KeyError, TypeError):
        return _UNKNOWN


def _rise(before: Pair, after: Pair) -> Pair:
    first, second = (
        None if old is None or new is None else new - old
        for old, new in zip(before, after, strict=True)
    )
    return first, second
