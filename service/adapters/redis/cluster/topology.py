"""Put together what ``redis+cluster://`` and ``redis+sentinel://`` name."""

from collections.abc import Callable
from urllib.parse import urlsplit

from service.adapters.redis.client import Breaker
from service.adapters.redis.cluster.discovery import ClusterDiscovery, SentinelDiscovery
from service.adapters.redis.cluster.shards import Shards
from service.adapters.redis.node import Node
from service.redis_url import RedisUrl, Topology


def open_shards(url: RedisUrl, *, deadline_s: float, breaker: Callable[[str], Breaker]) -> Shards:
    """Return the primaries behind a URL, of which none is asked yet.

    Each gets a ``breaker`` of its own, which gets ``host:port``.
    """

    def open_node(at: str) -> Node:
        _, _, address = urlsplit(at).netloc.rpartition("@")
        return Node(at, breaker(address), deadline_s=deadline_s)

    several = url.kind is Topology.CLUSTER
    return Shards(ClusterDiscovery(url) if several else SentinelDiscovery(url), open_node)
