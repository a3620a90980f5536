"""Which servers are primaries: as the nodes of a cluster say it, or as Sentinels do."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.client import OUTAGES, all_of
from service.adapters.redis.shared import parse_info
from service.redis_url import RedisUrl

EVERYTHING = ((0, REDIS_CLUSTER_HASH_SLOTS - 1),)
# What a node says of one that is where the question went.
_HERE = {"", "?"}

Ask = Callable[[str], Redis]
"""Returns a client of the server at a plain URL."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A primary, and the ranges of hash slots that are its own, ends included."""

    url: str
    ranges: tuple[tuple[int, int], ...]


class ClusterDiscovery:
    """Ask the nodes of a Redis Cluster, one after the other, beginning with who answered last.

    A node that is cut off from the others says so (``cluster_state``) and is passed over, or this
    process would go on believing in a cluster that is gone.
    """

    def __init__(self, url: RedisUrl) -> None:
        self._url = url
        self._known: list[str] = []

    async def shards(self, ask: Ask) -> Sequence[Shard]:
        """Return every primary; raises ``ConnectionError`` when no node answers."""
        why: Exception | None = None
        for url in dict.fromkeys([*self._known, *self._url.startup_nodes]):
            try:
                found = await self._asked(ask(url))
            except OUTAGES as error:
                why = error
                continue
            self._known = [url, *(shard.url for shard in found)]
            return found
        raise RedisConnectionError(f"no node of the cluster answers; the last one: {why}")

    async def _asked(self, client: Redis) -> Sequence[Shard]:
        state = parse_info(await _told(client, "CLUSTER", "INFO"))
        if state.get("cluster_state") != "ok":
            raise RedisConnectionError("a node that does not see its cluster")
        ranges: dict[str, list[tuple[int, int]]] = {}
        for start, end, primary, *_ in await _told(client, "CLUSTER", "SLOTS"):
            host = _text(primary[0])
            where = client.connection_pool.connection_kwargs["host"] if host in _HERE else host
            ranges.setdefault(self._url.of(where, int(primary[1])), []).append((start, end))
        return [Shard(url, tuple(sorted(owned))) for url, owned in ranges.items()]


class SentinelDiscovery:
    """Ask every Sentinel at once; the primary is whom most of them name.

    One after the other would wait for one that hangs longer than a command may take.
    """

    def __init__(self, url: RedisUrl) -> None:
        self._url = url

    async def shards(self, ask: Ask) -> Sequence[Shard]:
        """Return the primary; raises ``ConnectionError`` when no Sentinel knows it."""
        sentinels = map(ask, self._url.startup_nodes)
        named = await all_of(map(self._asked, sentinels))
        votes = Counter(address for address in named if address is not None)
        if not votes:
            raise RedisConnectionError("no Sentinel names a primary")
        [((host, port), _)] = votes.most_common(1)
        return [Shard(self._url.of(host, port), EVERYTHING)]

    async def _asked(self, sentinel: Redis) -> tuple[str, int] | None:
        try:
            found = await _told(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._url.service)
        except OUTAGES:
            return None
        return (_text(found[0]), int(found[1])) if found else None


async def _told(client: Redis, *command: str) -> Any:
    execute: Callable[..., Awaitable[Any]] = client.execute_command
    return await execute(*command)


def _text(part: bytes | str | None) -> str:
    return part.decode() if isinstance(part, bytes) else part or ""
