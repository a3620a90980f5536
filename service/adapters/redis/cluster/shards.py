"""Several primaries as one memory with one name.

A namespace lives in the memories of all primaries together, and the name of these is made of every
primary's incarnation and of the hash slots that it holds. So a failover of any node, a restart and
a moved slot make another name, and with it another namespace, as the restart of a single server
does.

Inside a namespace no redirect is followed. A node that answers ``MOVED`` or ``ASK`` says that the
namespace's map is no longer true, which is an outage of the cache for this key: the memory that it
points to may lack what was stored, or hold what was deleted.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.client import Breaker, RedisUnavailable, all_of
from service.adapters.redis.cluster.discovery import (
    ClusterDiscovery,
    SentinelDiscovery,
    Shard,
)
from service.adapters.redis.shared import Counts, Memory, Node, incarnation
from service.coherence.fence import Fence
from service.domain import UserId
from service.redis_url import RedisUrl, Topology

KEPT = 2


@dataclass(frozen=True, slots=True, eq=False)
class Primary:
    """A node in one of its incarnations."""

    node: Node
    incarnation: str


class Map:
    """Which primary holds which hash slot; ``name`` is that of their memories together."""

    def __init__(self, name: str, shards: Sequence[Shard], primaries: Sequence[Primary]) -> None:
        self.name = name
        self.shards = tuple(shards)
        self.primaries = tuple(primaries)
        found: list[Primary | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for shard, primary in zip(shards, primaries, strict=True):
            for start, end in shard.ranges:
                found[start : end + 1] = [primary] * (end + 1 - start)
        self._holders = [holder for holder in found if holder is not None]
        if len(self._holders) != REDIS_CLUSTER_HASH_SLOTS:
            raise RedisConnectionError("slots of the cluster belong to no node")

    def holder(self, key: bytes) -> Primary:
        """Return who holds a key, or all keys with this hash tag."""
        return self._holders[key_slot(key)]


class Shards:
    """The maps that were seen lately, and the nodes in them.

    ``open_node`` connects to a plain URL; ``discovery`` finds the primaries by asking such nodes.
    All methods belong to the running loop.
    """

    def __init__(
        self,
        discovery: ClusterDiscovery | SentinelDiscovery,
        open_node: Callable[[str], Node],
    ) -> None:
        self._discovery = discovery
        self._open_node = open_node
        self._nodes: dict[str, Node] = {}
        self._maps: OrderedDict[str, Map] = OrderedDict()

    async def refresh(self) -> str:
        """Find every primary, and return the name of their memories together.

        Raises ``NotPrimary`` for one that is none any more, and an outage when one is not there.
        """
        found = await self._discovery.shards(lambda url: self._node(url).client)
        shards = sorted(found, key=lambda shard: shard.ranges)
        nodes = [self._node(shard.url) for shard in shards]
        infos = await all_of(node.client.info() for node in nodes)
        incarnations = [incarnation(info) for info in infos]
        name = _name(shards, incarnations)
        known = self._maps.get(name)
        if known is None or known.shards != tuple(shards):
            memories = zip(nodes, incarnations, strict=True)
            primaries = [Primary(node, memory) for node, memory in memories]
            self._maps[name] = Map(name, shards, primaries)
        self._maps.move_to_end(name)
        await self._forget()
        return name

    def named(self, name: str) -> Map:
        """Return a map that was seen lately; raises ``RedisUnavailable`` for any other."""
        try:
            return self._maps[name]
        except KeyError:
            raise RedisUnavailable("this process sees other servers than the fence names") from None

    def memory_of(self, fence: Fence, user_id: UserId) -> Memory:
        """Return the way to a user's keys, which have one hash tag and so are on one node."""
        holder = self.named(fence.run_id).holder(user_id.encode())
        return holder.node.memory(holder.incarnation)

    def counts_of(self, key: str) -> Counts:
        """Return the way to what counts a key.

        A count belongs to no namespace: after a failover it goes on with what the new primary has.
        """
        return self.newest.holder(key.encode()).node.counts_of(key)

    @property
    def newest(self) -> Map:
        """The map that was seen last; raises ``RedisUnavailable`` before there is one."""
        if not self._maps:
            raise RedisUnavailable("no server was seen yet")
        return next(reversed(self._maps.values()))

    async def ping(self) -> None:
        """Raise unless every primary answers."""
        await all_of(primary.node.client.ping() for primary in self.newest.primaries)

    async def aclose(self) -> None:
        """Close every connection; one that cannot be closed keeps no other open."""
        await all_of(node.aclose() for node in self._nodes.values())

    def _node(self, url: str) -> Node:
        if url not in self._nodes:
            self._nodes[url] = self._open_node(url)
        return self._nodes[url]

    async def _forget(self) -> None:
        """Give up all maps but the last ones, and the nodes that are in none of these."""
        while len(self._maps) > KEPT:
            _, old = self._maps.popitem(last=False)
            needed = {shard.url for kept in self._maps.values() for shard in kept.shards}
            for url in {shard.url for shard in old.shards} - needed:
                await self._nodes.pop(url).aclose()


def _name(shards: Sequence[Shard], incarnations: Sequence[str]) -> str:
    """Name these memories; the same in every process, by whatever address it reached them.

    A primary that holds everything has the name that it has as a single server.
    """
    if len(incarnations) == 1:
        return incarnations[0]
    held = zip(shards, incarnations, strict=True)
    parts = " ".join(f"{shard.ranges}={memory}" for shard, memory in held)
    return f"{len(incarnations)}-shards:{hashlib.sha256(parts.encode()).hexdigest()[:40]}"


def open_shards(url: RedisUrl, *, deadline_s: float, breaker: Callable[[str], Breaker]) -> Shards:
    """Return the primaries behind a URL, of which none is asked yet.

    Each gets a ``breaker`` of its own, which gets ``host:port``.
    """

    def open_node(at: str) -> Node:
        _, _, address = urlsplit(at).netloc.rpartition("@")
        return Node(at, breaker(address), deadline_s=deadline_s)

    several = url.kind is Topology.CLUSTER
    return Shards(ClusterDiscovery(url) if several else SentinelDiscovery(url), open_node)
