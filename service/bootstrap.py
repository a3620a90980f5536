"""The composition root: the only place that knows which implementation stands behind a port."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import structlog
from pymongo.monitoring import CommandListener

from service.accounts import Accounts
from service.adapters.database import DatabaseRepository
from service.adapters.limiters import NoRateLimiter
from service.adapters.mongo.client import Indexes
from service.adapters.mongo.client import connect as connect_mongo
from service.adapters.mongo.todos import MongoTodos
from service.adapters.mongo.users import MongoUsers
from service.attempts import Attempts
from service.backends import Backends, Probe
from service.config import PERIODS_S, Settings
from service.domain import NOBODY, CachedValue, Rule
from service.errors import DatabaseUnavailable, IndexConflict
from service.layers import Foundation, Layer, Layering, begin, with_redis, without_redis
from service.metrics import Metrics
from service.passwords import Passwords, argon2id, default_workers
from service.ports import Repository, Todos, Users
from service.security import Tokens

INDEX_RETRY_S = 2.0


@asynccontextmanager
async def open_backends(
    settings: Settings, *, listeners: Sequence[CommandListener] = ()
) -> AsyncIterator[Backends]:
    """Connect the service that these settings describe, and take it down afterwards."""
    async with AsyncExitStack() as stack:
        # This is the flag, and its only branch.
        layered = with_redis if settings.cache_enabled else without_redis
        yield await compose(settings, layered, stack, listeners)


async def compose(
    settings: Settings,
    layered: Layering,
    stack: AsyncExitStack,
    listeners: Sequence[CommandListener] = (),
) -> Backends:
    """Wire one service in a given layering; ``stack`` collects what is to be closed."""
    metrics = Metrics()
    client = connect_mongo(
        settings.mongodb_url.get_secret_value(),
        deadline_s=settings.database_deadline_seconds,
        listeners=listeners,
    )
    stack.push_async_callback(client.close)
    database = client[settings.mongodb_database]
    indexes = Indexes(database)
    await begin(stack, _ensure(indexes))
    users = MongoUsers(database, indexes)
    todos = MongoTodos(
        database, indexes, on_bad_document=lambda why: _log_bad_document(metrics, why)
    )
    foundation = Foundation(settings, database, DatabaseRepository(users, todos), metrics)
    layer = await layered(foundation, stack)
    passwords = Passwords(argon2id(), workers=settings.password_workers or default_workers())
    stack.callback(passwords.close)
    return assemble(
        settings,
        layer,
        users=users,
        todos=todos,
        passwords=passwords,
        metrics=metrics,
        database_answers=partial(_database_answers, foundation.plain, indexes),
    )


def assemble(
    settings: Settings,
    layer: Layer,
    *,
    users: Users,
    todos: Todos,
    passwords: Passwords,
    metrics: Metrics,
    database_answers: Probe,
) -> Backends:
    """Return what the routes work with, over this database and behind this layer."""
    attempts = Attempts(layer.limiter if settings.rate_limit_enabled else NoRateLimiter())
    secret = settings.jwt_secret.get_secret_value()
    tokens = Tokens(secret, lifetime_s=settings.access_token_expire_minutes * 60)
    accounts = Accounts(
        users=users,
        todos=todos,
        repository=layer.repository,
        passwords=passwords,
        tokens=tokens,
        attempts=attempts,
        login_rule=rule("login", settings.rate_limit_login),
        register_rule=rule("register", settings.rate_limit_register),
        key_secret=secret,
    )
    return Backends(
        repository=layer.repository,
        todos=todos,
        accounts=accounts,
        tokens=tokens,
        attempts=attempts,
        cache_control=layer.control,
        metrics=metrics,
        needed={"mongodb": database_answers},
        helpful=layer.helpful,
    )


def rule(name: str, setting: str) -> Rule:
    """Return the rate limit that a setting such as ``5/minute`` describes."""
    limit, _, period = setting.partition("/")
    return Rule(name, int(limit), PERIODS_S[period])


async def _database_answers(plain: Repository, indexes: Indexes) -> None:
    # What a read needs: a server that is there may refuse to look anything up.
    await plain.read(NOBODY, tuple(CachedValue))
    with suppress(IndexConflict):
        await indexes.ensure()


async def _ensure(indexes: Indexes) -> None:
    """Create the indexes as soon as the database answers."""
    while not indexes.ready:
        try:
            await indexes.ensure()
        except IndexConflict as error:
            structlog.get_logger().error("index cannot be made", why=str(error))
            return
        except DatabaseUnavailable:
            structlog.get_logger().warning("database does not answer yet; indexes wait for it")
            await asyncio.sleep(INDEX_RETRY_S)


def _log_bad_document(metrics: Metrics, why: str) -> None:
    metrics.event("document_skipped")
    structlog.get_logger().warning("stored document left out of an answer", why=why)
