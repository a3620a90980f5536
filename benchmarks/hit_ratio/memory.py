"""The Redis server whose memory is limited: what it holds, what it dropped."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from benchmarks.model.memory import TABLE_BYTES
from benchmarks.stack.server import Server

_SCANNED = 1000

# Time is compressed, so what Redis does some times a second has to be done more often as well.
_OFTEN: Mapping[str, str] = {"hz": "100", "active-expire-effort": "10"}


class Client(Protocol):
    """What is needed of a client of the whole server."""

    def info(self, section: str, /) -> Any:
        """Return the figures of a section by name; raises ``RedisError``."""

    def config_set(self, name: str, value: str, /) -> Any:
        """Change a setting of the server; raises ``RedisError``."""

    def scan_iter(self, *, count: int) -> Any:
        """Return the keys; raises ``RedisError``."""

    def memory_usage(self, key: Any, /) -> Any:
        """Return the bytes of an entry, None if it is gone; raises ``RedisError``."""

    def flushall(self) -> Any:
        """Remove everything; raises ``RedisError``."""

    def close(self) -> None:
        """Close the connection."""


class Room(Protocol):
    """The memory that the cache has."""

    def clear(self, max_bytes: int | None) -> None:
        """Remove everything, and from now on hold no more than so many bytes in all."""

    def used_bytes(self) -> int:
        """Return the memory that counts against the limit."""

    def held_bytes(self) -> int:
        """Return which part of it entries take."""

    def removed(self) -> tuple[int, int]:
        """Return how many entries were evicted, and how many expired, since the start."""


class OwnRedis:
    """A Redis server that nobody else uses; raises ``RedisError``.

    Every service has a database of its own in it, and ``connect`` opens one by its URL.
    """

    def __init__(self, url: str, connect: Callable[[str], Client]) -> None:
        self._url = urlsplit(url)
        self._connect = connect
        self._client = connect(url)
        self._databases: dict[str, Client] = {}
        for name, value in _OFTEN.items():
            self._client.config_set(name, value)

    def close(self) -> None:
        """Close every connection."""
        for client in (self._client, *self._databases.values()):
            client.close()

    def clear(self, max_bytes: int | None) -> None:
        """Remove everything, and from now on hold no more than so many bytes in all."""
        self._client.flushall()
        self._client.config_set("maxmemory", str(max_bytes or 0))

    def used_bytes(self) -> int:
        """Return the memory that counts against ``maxmemory``."""
        memory = self._client.info("memory")
        return int(memory["used_memory"]) - int(memory.get("mem_not_counted_for_evict", 0))

    def held_bytes(self) -> int:
        """Return which part of it entries take; asking does not make them recently used."""
        return sum(self._held_in(self._database(name)) for name in self._client.info("keyspace"))

    def _held_in(self, database: Client) -> int:
        sizes = [database.memory_usage(key) for key in database.scan_iter(count=_SCANNED)]
        # What expired meanwhile has no size.
        found = [int(size) for size in sizes if size is not None]
        return sum(found) + TABLE_BYTES * len(found)

    def _database(self, name: str) -> Client:
        """Return a client of the database that Redis calls db0, db1 and so on."""
        if name not in self._databases:
            path = f"/{name.removeprefix('db')}"
            self._databases[name] = self._connect(self._url._replace(path=path).geturl())
        return self._databases[name]

    def removed(self) -> tuple[int, int]:
        """Return how many entries were evicted, and how many expired, since the start."""
        stats = self._client.info("stats")
        return int(stats["evicted_keys"]), int(stats["expired_keys"])


class AnyRedis:
    """A server whose settings are not ours to change, or that has none: nothing is known of it."""

    def clear(self, max_bytes: int | None) -> None:
        """Leave it alone: each point's service empties its own database."""
        if max_bytes is not None:
            raise ValueError("the memory of this server cannot be limited")

    def used_bytes(self) -> int:
        """Return 0."""
        return 0

    def held_bytes(self) -> int:
        """Return 0."""
        return 0

    def removed(self) -> tuple[int, int]:
        """Return 0 and 0."""
        return 0, 0


def can_be_limited(opened: Server) -> bool:
    """Tell whether its memory may and can be limited: a real Redis that we started."""
    return opened.process is not None and opened.kind != "fakeredis"
