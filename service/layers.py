"""The layer of each variant between the routes and the database."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pymongo
import structlog

from service.adapters.limiters import FallbackRateLimiter, MemoryRateLimiter
from service.adapters.mongo.client import Database
from service.adapters.mongo.fence import MongoFenceStore
from service.adapters.redis.client import Breaker
from service.adapters.redis.leased import RedisLeasedCache
from service.adapters.redis.limiter import RedisRateLimiter
from service.adapters.redis.shared import Node
from service.backends import Probe
from service.coherence.control import DisabledControl, FenceControl
from service.coherence.entries import Entries
from service.coherence.lease import Lease, Timing
from service.coherence.recovery import RecoveryMonitor, RedisPace
from service.coherence.repository import FencedRepository
from service.coherence.uncached import NullCache, UncachedRepository, keep_closed
from service.coherence.writes import FencedWrites
from service.config import Settings
from service.domain import CachedValue
from service.errors import DatabaseUnavailable
from service.metrics import Metrics, build_info, fence_state, open_breakers
from service.ports import CacheControl, RateLimiter, Repository
from service.redis_url import RedisUrl, Topology, read_redis_url

if TYPE_CHECKING:
    from service.adapters.redis.cluster.shards import Shards


CANCEL_AGAIN_S = 0.2
START_PATIENCE_S = 0.5


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
    redis = _servers(foundation, read_redis_url(settings.redis_url.get_secret_value()))
    stack.push_async_callback(redis.aclose)
    timing = timing_of(settings)
    store = MongoFenceStore(foundation.database)
    lease = Lease(store, timing)

    def deployment() -> str:
        return lease.known.deployment if lease.known else foundation.database.name

    cache = RedisLeasedCache(redis.memory_of, timing, deadline_s=settings.redis_deadline_seconds)
    limiter = RedisRateLimiter(redis.counts_of, deployment=deployment)
    metrics = foundation.metrics
    metrics.watch(
        partial(build_info, "cached"), partial(fence_state, lease), partial(open_breakers, metrics)
    )
    await begin(stack, _first_lease(lease, await _answer_of(redis.refresh)))
    entries = Entries(
        {
            CachedValue.USER: settings.user_ttl_seconds,
            CachedValue.TODOS: settings.todos_ttl_seconds,
        },
        max_bytes=settings.cache_entry_max_bytes,
    )
    writes = FencedWrites(lease, cache, deadline=pymongo.timeout)
    repository = FencedRepository(foundation.plain, lease, cache, entries, writes)
    stack.push_async_callback(repository.drain)
    in_background(stack, lease.renew_forever(_log_failure))
    pace = RedisPace(redis.ping, store.probe)
    in_background(stack, RecoveryMonitor(lease, redis.refresh, pace).run(_log_failure))
    return Layer(
        repository=repository,
        control=FenceControl(lease),
        limiter=FallbackRateLimiter(limiter, MemoryRateLimiter()),
        helpful={"redis": redis.ping},
    )


def _servers(foundation: Foundation, url: RedisUrl) -> "Node | Shards":
    """Return one server, or the primaries of several; nothing is connected to yet."""
    metrics, deadline_s = foundation.metrics, foundation.settings.redis_deadline_seconds
    if url.kind is Topology.ONE:
        return Node(url.startup_nodes[0], _breaker(metrics), deadline_s=deadline_s)
    # A service on one server never imports what several take.
    from service.adapters.redis.cluster.shards import open_shards  # noqa: PLC0415

    return open_shards(
        url, deadline_s=deadline_s, breaker=lambda server: _breaker(metrics, server=server)
    )


async def without_redis(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose the uncached variant; no Redis client exists in it."""
    store = MongoFenceStore(foundation.database)
    lease = Lease(store, timing_of(foundation.settings))
    foundation.metrics.watch(partial(build_info, "uncached"), partial(fence_state, lease))
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


def _breaker(metrics: Metrics, **which: str) -> Breaker:
    """Return a breaker that counts what it hears, and logs that Redis is lost or back."""

    def note(event: str) -> None:
        metrics.event(event)
        log = structlog.get_logger(**which)
        if event == "redis_lost":
            log.warning("redis does not answer; reads go to the database")
        elif event == "redis_recovered":
            log.info("redis answers again")

    return Breaker(on_event=note)


async def begin(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Start ``work`` and give it :data:`START_PATIENCE_S` seconds; the rest goes on beside.

    So a service is complete when its servers answer, and there when they do not. Raises what
    ``work`` raised in that time.
    """
    done, _ = await asyncio.wait({in_background(stack, work)}, timeout=START_PATIENCE_S)
    for task in done:
        task.result()


def in_background(
    stack: AsyncExitStack, work: Coroutine[object, object, None]
) -> asyncio.Task[None]:
    """Start ``work``; closing ``stack`` ends it."""
    task = asyncio.ensure_future(work)

    async def stop() -> None:
        # A cancellation can get lost inside a driver, so one may not be enough.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)

    stack.push_async_callback(stop)
    return task
