"""The layer of each variant between the routes and the database."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

import pymongo
import structlog

from service.adapters.limiters import FallbackRateLimiter, MemoryRateLimiter
from service.adapters.mongo.client import Database
from service.adapters.mongo.fence import MongoFenceStore
from service.adapters.redis.client import Breaker
from service.adapters.redis.leased import Memory, RedisLeasedCache
from service.adapters.redis.limiter import Counts, RedisRateLimiter
from service.adapters.redis.node import Node
from service.adapters.redis.shared import incarnation
from service.backends import Probe
from service.background import begin, in_background
from service.coherence.control import DisabledControl, FenceControl
from service.coherence.entries import Entries
from service.coherence.fence import Fence
from service.coherence.lease import Lease, Timing
from service.coherence.pace import RedisPace
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedReads, FencedRepository
from service.coherence.uncached import NullCache, UncachedRepository, keep_closed
from service.coherence.writes import FencedWrites
from service.config import Settings
from service.domain import CachedValue, UserId
from service.errors import DatabaseUnavailable
from service.gauges import build_info, fence_state, open_breakers
from service.metrics import Metrics
from service.ports import CacheControl, RateLimiter, Repository
from service.redis_url import RedisUrl, Topology, read_redis_url


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that every variant is built on."""

    settings: Settings
    database: Database
    plain: Repository
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Layer:
    """A variant's parts between the routes and the database."""

    repository: Repository
    control: CacheControl
    limiter: RateLimiter
    helpful: Mapping[str, Probe] = field(default_factory=dict)


Layering = Callable[[Foundation, AsyncExitStack], Awaitable[Layer]]


async def with_redis(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose the cached variant: the plain repository wrapped in fenced reads and writes."""
    settings = foundation.settings
    url = read_redis_url(settings.redis_url.get_secret_value())
    connected = _connected if url.kind is Topology.ONE else _connected_to_several
    timing = timing_of(settings)
    store = MongoFenceStore(foundation.database)
    lease = Lease(store, timing)

    def deployment() -> str:
        return lease.known.deployment if lease.known else foundation.database.name

    redis = connected(foundation, stack, url)
    cache = RedisLeasedCache(redis.memory_of, timing, deadline_s=settings.redis_deadline_seconds)
    limiter = RedisRateLimiter(redis.counts_of, deployment=deployment)
    metrics = foundation.metrics
    metrics.watch(build_info("cached"), fence_state(lease), open_breakers(metrics))
    await begin(stack, _first_lease(lease, await _answer_of(redis.run_id)))
    entries = Entries(
        {
            CachedValue.USER: settings.user_ttl_seconds,
            CachedValue.TODOS: settings.todos_ttl_seconds,
        },
        max_bytes=settings.cache_entry_max_bytes,
    )
    reads = FencedReads(foundation.plain, lease, cache, entries)
    writes = FencedWrites(lease, cache, deadline=pymongo.timeout)
    stack.push_async_callback(reads.drain)
    in_background(stack, lease.renew_forever(_log_failure))
    pace = RedisPace(redis.ping, store.probe)
    in_background(stack, RecoveryMonitor(lease, redis.run_id, pace).run(_log_failure))
    return Layer(
        repository=FencedRepository(foundation.plain, reads, writes),
        control=FenceControl(lease),
        limiter=FallbackRateLimiter(limiter, MemoryRateLimiter()),
        helpful={"redis": redis.ping},
    )


@dataclass(frozen=True, slots=True)
class _Redis:
    """The cached variant's access to Redis; ``run_id`` names the memory that answers now."""

    memory_of: Callable[[Fence, UserId], Memory]
    counts_of: Callable[[str], Counts]
    run_id: Callable[[], Awaitable[str]]
    ping: Probe


def _connected(foundation: Foundation, stack: AsyncExitStack, url: RedisUrl) -> _Redis:
    """Connect to one server."""
    [server] = url.startup_nodes
    deadline_s = foundation.settings.redis_deadline_seconds
    node = Node(server, _CountedBreaker(foundation.metrics), deadline_s=deadline_s)
    stack.push_async_callback(node.aclose)

    async def run_id() -> str:
        return incarnation(await node.client.info())

    return _Redis(
        lambda fence, _: node.memory(fence.run_id),
        lambda _: node.counts(),
        run_id,
        node.client.ping,
    )


def _connected_to_several(foundation: Foundation, stack: AsyncExitStack, url: RedisUrl) -> _Redis:
    """Connect to the primaries of a cluster, or to the one that Sentinels name."""
    # A service on one server never imports what several take.
    from service.adapters.redis.cluster.topology import open_shards  # noqa: PLC0415

    shards = open_shards(
        url,
        deadline_s=foundation.settings.redis_deadline_seconds,
        breaker=lambda server: _CountedBreaker(foundation.metrics, server=server),
    )
    stack.push_async_callback(shards.aclose)
    return _Redis(shards.memory_of, shards.counts_of, shards.refresh, shards.ping)


class _CountedBreaker(Breaker):
    """Tells the metrics of every failure, not only of those that open it."""

    def __init__(self, metrics: Metrics, **which: str) -> None:
        super().__init__(on_change=lambda healthy: _log_redis(metrics, healthy=healthy, **which))
        self._metrics = metrics

    def failed(self) -> None:
        """Note that Redis did not answer."""
        self._metrics.event("redis_failed")
        super().failed()


async def without_redis(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose the uncached variant; no Redis client exists in it."""
    store = MongoFenceStore(foundation.database)
    lease = Lease(store, timing_of(foundation.settings))
    foundation.metrics.watch(build_info("uncached"), fence_state(lease))
    await begin(stack, _first_lease(lease, None))
    writes = FencedWrites(lease, NullCache(), deadline=pymongo.timeout)
    in_background(stack, lease.renew_forever(_log_failure))
    in_background(stack, keep_closed(lease, store, _log_failure))
    return Layer(
        UncachedRepository(foundation.plain, writes), DisabledControl(lease), MemoryRateLimiter()
    )


def timing_of(settings: Settings) -> Timing:
    """Return the protocol's intervals as set in the environment."""
    return Timing(
        lease_s=settings.cache_lease_seconds,
        write_deadline_s=settings.database_deadline_seconds,
        heal_s=settings.cache_heal_seconds,
    )


async def _first_lease(lease: Lease, run_id: str | None) -> None:
    # Without a database there is no lease, and so no caching, until there is one.
    with suppress(DatabaseUnavailable):
        await lease.start(run_id)


async def _answer_of(probe: Callable[[], Awaitable[str]]) -> str | None:
    try:
        return await probe()
    except Exception as error:  # noqa: BLE001 - the service starts without Redis as well
        structlog.get_logger().warning("redis cannot be used; starting uncached", why=str(error))
        return None


def _log_failure(error: Exception) -> None:
    structlog.get_logger().warning("fence not reached", why=str(error))


def _log_redis(metrics: Metrics, *, healthy: bool, **which: str) -> None:
    metrics.event("redis_recovered" if healthy else "redis_lost")
    log = structlog.get_logger(**which)
    if healthy:
        log.info("redis answers again")
    else:
        log.warning("redis does not answer; reads go to the database")
