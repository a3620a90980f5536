"""The composition root: the only place that knows which implementation stands behind a port."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from service.accounts import Accounts
from service.adapters.cache_aside import CacheAsideRepository
from service.adapters.database import DatabaseRepository, NoCacheControl
from service.adapters.limiters import FallbackRateLimiter, MemoryRateLimiter, NoRateLimiter
from service.adapters.mongo.client import Database, Indexes
from service.adapters.mongo.client import connect as connect_mongo
from service.adapters.mongo.switch import DeploymentSwitch
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.adapters.redis.client import Breaker
from service.adapters.redis.client import connect as connect_redis
from service.adapters.redis.limiter import RedisRateLimiter
from service.adapters.redis.slots import RedisSlots
from service.backends import Backends, Probe
from service.config import Rate, Settings
from service.domain import Slot
from service.errors import DatabaseUnavailable
from service.limits import Rule
from service.metrics import Metrics
from service.passwords import Passwords, argon2id
from service.ports import CacheControl, RateLimiter, Repository
from service.security import Tokens

INDEX_RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every variant is built on."""

    settings: Settings
    database: Database
    plain: Repository
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Layer:
    """What a variant puts between the routes and the database."""

    repository: Repository
    control: CacheControl
    limiter: RateLimiter
    helpful: Mapping[str, Probe] = field(default_factory=dict)


Layering = Callable[[Foundation, AsyncExitStack], Awaitable[Layer]]


async def without_redis(foundation: Foundation, _: AsyncExitStack) -> Layer:
    """Compose the uncached variant; no Redis client exists in it."""
    return Layer(foundation.plain, NoCacheControl(), MemoryRateLimiter())


async def with_redis(foundation: Foundation, stack: AsyncExitStack) -> Layer:
    """Compose the cached variant: the plain one wrapped."""
    settings, database = foundation.settings, foundation.database
    client = connect_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(client.aclose)
    breaker = Breaker(on_change=lambda healthy: _log_redis(foundation.metrics, healthy=healthy))
    switch = DeploymentSwitch(database)
    stack.push_async_callback(switch.close)
    await switch.start()
    slots = RedisSlots(client, breaker, deployment=database.name, epoch=switch.epoch)
    return Layer(
        repository=CacheAsideRepository(
            foundation.plain,
            slots,
            ttl_s={Slot.USER: settings.user_ttl_seconds, Slot.TODOS: settings.todos_ttl_seconds},
            enabled=switch.enabled,
        ),
        control=switch,
        limiter=FallbackRateLimiter(
            RedisRateLimiter(client, breaker, deployment=database.name), MemoryRateLimiter()
        ),
        helpful={"redis": client.ping},
    )


def layering(settings: Settings) -> Layering:
    """Choose the variant. This is the flag, and its only branch."""
    return with_redis if settings.cache_enabled else without_redis


@asynccontextmanager
async def open_backends(settings: Settings) -> AsyncIterator[Backends]:
    """Connect the service that these settings describe, and take it down afterwards."""
    async with AsyncExitStack() as stack:
        yield await compose(settings, layering(settings), stack)


async def compose(settings: Settings, layered: Layering, stack: AsyncExitStack) -> Backends:
    """Wire one service in a given layering; ``stack`` collects what is to be closed."""
    metrics = Metrics()
    client = connect_mongo(
        settings.mongodb_url.get_secret_value(), deadline_s=settings.database_deadline_seconds
    )
    stack.push_async_callback(client.close)
    database = client[settings.mongodb_database]
    indexes = Indexes(database)
    await _ensure_in_background(indexes, stack)
    users = MongoUsers(database, indexes)
    todos = MongoTodos(
        database, indexes, on_bad_document=lambda why: _log_bad_document(metrics, why)
    )
    foundation = Foundation(settings, database, DatabaseRepository(users, todos), metrics)
    layer = await layered(foundation, stack)
    limiter = layer.limiter if settings.rate_limit_enabled else NoRateLimiter()
    passwords = Passwords(argon2id(), workers=os.cpu_count() or 1)
    stack.callback(passwords.close)
    secret = settings.jwt_secret.get_secret_value()
    tokens = Tokens(secret, lifetime_s=settings.access_token_expire_minutes * 60)
    accounts = Accounts(
        users=users,
        todos=todos,
        repository=layer.repository,
        passwords=passwords,
        tokens=tokens,
        limiter=limiter,
        login_rule=rule("login", settings.rate_limit_login),
        key_secret=secret,
    )

    async def database_answers() -> None:
        await client.admin.command("ping")
        await indexes.ensure()

    return Backends(
        repository=layer.repository,
        todos=todos,
        accounts=accounts,
        tokens=tokens,
        limiter=limiter,
        cache_control=layer.control,
        metrics=metrics,
        needed={"mongodb": database_answers},
        helpful=layer.helpful,
    )


def rule(name: str, rate: Rate) -> Rule:
    """Return the rate limit that a setting describes."""
    return Rule(name, rate.limit, rate.window_s)


async def _ensure_in_background(indexes: Indexes, stack: AsyncExitStack) -> None:
    """Create the indexes now if the database answers, else as soon as it does."""
    with suppress(DatabaseUnavailable):
        await indexes.ensure()
        return
    structlog.get_logger().warning("database does not answer yet; indexes wait for it")

    async def retry() -> None:
        while not indexes.ready:
            await asyncio.sleep(INDEX_RETRY_S)
            with suppress(DatabaseUnavailable):
                await indexes.ensure()

    task = asyncio.create_task(retry())
    stack.callback(task.cancel)


def _log_redis(metrics: Metrics, *, healthy: bool) -> None:
    metrics.event("redis_recovered" if healthy else "redis_lost")
    log = structlog.get_logger()
    if healthy:
        log.info("redis answers again; reads use the cache")
    else:
        log.warning("redis does not answer; reads go to the database")


def _log_bad_document(metrics: Metrics, why: str) -> None:
    metrics.event("document_skipped")
    structlog.get_logger().warning("stored document left out of an answer", why=why)
