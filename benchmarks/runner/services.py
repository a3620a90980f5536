"""Bring every variant up on its own database with the same data, ready to be measured."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.measure.client import Connection
from benchmarks.measure.sessions import RunningVariant, prepare
from benchmarks.runner.job import JobDependencies
from benchmarks.scenarios.actions import log_in
from benchmarks.scenarios.base import USUAL, Action, Member, Setting, asks_of
from benchmarks.stack.dataset import Dataset, Document, fresh_database, tidy, write_dataset
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import without_password
from benchmarks.stack.service import Service, start_service
from benchmarks.storage.usage import UsageError
from benchmarks.variants.registry import Variant

# Logins are the slow part of the set-up, and this many cores can be assumed.
_LOGIN_THREADS = 2
_HTTP_OK = 200
# The load must not be refused, and log lines would be timed along.
_SERVICE_ENVIRONMENT = {"RATE_LIMIT_ENABLED": "false", "LOG_LEVEL": "WARNING"}
DRIVER_ERRORS = (PyMongoError, RedisError)
"""The exceptions of the servers' drivers."""
_TIMEOUT_S = 10.0


class VariantError(StackError):
    """A variant cannot be made ready; the message says which, why, and what to do."""


def connect_mongo(url: str) -> MongoClient[Document]:
    """Connect under a name of our own, so that the failpoint leaves us alone."""
    return MongoClient(
        url, appname="fivefold-harness", timeoutMS=int(_TIMEOUT_S * 1000), tz_aware=True
    )


def connect_redis(url: str) -> Redis:
    """Connect to the database that the URL names."""
    return Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


@dataclass(frozen=True, kw_only=True)
class Dependencies(JobDependencies):
    """The real ones, unless told otherwise."""

    open_stack: Callable[..., AbstractContextManager[Stack]] = open_stack
    start_service: Callable[..., AbstractContextManager[Service]] = start_service
    connect_mongo: Callable[[str], MongoClient[Document]] = connect_mongo
    connect_redis: Callable[[str], Redis] = connect_redis


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The context of a run: its servers, the driver for its data, its names and its logs."""

    stack: Stack
    mongo: MongoClient[Document]
    label: str  # in the names of the run's MongoDB databases, which are dropped at the end
    logs: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """The actions that the variants must offer, and their settings.

    With a ``redis_proxy`` that is the address of the Redis server that the services get.
    """

    actions: Mapping[str, Action]
    setting: Setting = USUAL
    redis_proxy: str | None = None


@contextmanager
def running_variants(
    variants: Sequence[Variant],
    dataset: Dataset,
    *,
    spec: ServiceSpec,
    context: RunContext,
    dependencies: Dependencies,
) -> Iterator[list[RunningVariant]]:
    """Start every variant on the same data and log its users in; all are up together.

    However the context is left, the services are stopped, their databases dropped and their Redis
    databases emptied. Raises ``UsageError`` for servers that are not free to be used,
    ``VariantError``, ``StackError``, ``ClientError`` or a driver's error.
    """
    redis = context.stack.redis
    redis_urls = _redis_urls(variants, redis.url) if redis else {}
    with ExitStack() as cleanup:
        yield [
            _start(
                variant,
                dataset,
                cleanup,
                spec=spec,
                redis_url=redis_urls.get(variant.name),
                context=context,
                dependencies=dependencies,
            )
            for variant in variants
        ]


def _start(
    variant: Variant,
    dataset: Dataset,
    cleanup: ExitStack,
    *,
    spec: ServiceSpec,
    redis_url: str | None,
    context: RunContext,
    dependencies: Dependencies,
) -> RunningVariant:
    name = f"compare_{context.label}_{variant.name}".replace("+", "-")
    database = cleanup.enter_context(fresh_database(context.mongo, name))
    write_dataset(dataset, database)
    cache = _cache(redis_url, cleanup, dependencies) if redis_url else None
    service = cleanup.enter_context(
        dependencies.start_service(
            mongo_url=context.stack.mongo.url,
            database=name,
            redis_url=redis_url and _behind(spec.redis_proxy, redis_url),
            env=_SERVICE_ENVIRONMENT | dict(spec.setting.env) | dict(variant.env),
            log=context.logs / f"{variant.name}.log",
            module=variant.module,
            workers=variant.workers,
        )
    )
    members = _members(variant.name, service.url, dataset)
    if not spec.setting.indexed:
        # Finds of todos scan the collection; the service made the index at its start.
        database.command({"dropIndexes": "todos", "index": "user_id_1__id_1"})
    connection = cleanup.enter_context(Connection(service.url, clock_ns=dependencies.clock_ns))
    return RunningVariant(
        variant=variant.name,
        connection=connection,
        requests=prepare(connection, asks_of(spec.actions, members)),
        empty_cache=(lambda: None) if cache is None else cache.flushdb,
        cache=cache,
        pid=service.process.pid,
        database=name,
    )


def _members(variant: str, url: str, dataset: Dataset) -> list[Member]:
    """Log every user in, and say which todos are whose."""
    ids: dict[object, list[str]] = {user["_id"]: [] for user in dataset.users}
    for todo in dataset.todos:
        ids[todo["user_id"]].append(str(todo["_id"]))
    tokens = _log_in(variant, url, dataset.emails)
    return [
        Member(number=number, headers={"Authorization": f"Bearer {token}"}, todo_ids=todo_ids)
        for number, (todo_ids, token) in enumerate(zip(ids.values(), tokens, strict=True))
    ]


def _redis_urls(variants: Sequence[Variant], url: str) -> dict[str, str]:
    """Give each variant that uses Redis a database number of its own, counted from 0."""
    users = [variant.name for variant in variants if variant.uses_redis]
    base = urlsplit(url)
    return {name: base._replace(path=f"/{number}").geturl() for number, name in enumerate(users)}


def _behind(proxy: str | None, url: str) -> str:
    """Return the address of a Redis database behind a proxy, if there is one."""
    return urlsplit(proxy)._replace(path=urlsplit(url).path).geturl() if proxy else url


def _cache(redis_url: str, cleanup: ExitStack, dependencies: Dependencies) -> Redis:
    """Connect to a variant's Redis database, which must be empty to begin with."""
    cache = dependencies.connect_redis(redis_url)
    cleanup.callback(cache.close)
    keys = cache.dbsize()
    if keys:
        raise UsageError(
            f"{without_password(redis_url)} holds {keys} keys, and a comparison empties the "
            "database between blocks; name a Redis that is for this only, or unset REDIS_URL"
        )
    cleanup.callback(tidy, cache.flushdb)

    return cache


def _log_in(variant: str, url: str, emails: Sequence[str]) -> list[str]:
    """Return a token for each user, in order."""
    size = math.ceil(len(emails) / _LOGIN_THREADS)
    shares = [emails[start : start + size] for start in range(0, len(emails), size)]

    def tokens(share: Sequence[str]) -> list[str]:
        with Connection(url) as connection:
            return [_token(variant, connection, email) for email in share]

    with ThreadPoolExecutor(_LOGIN_THREADS) as pool:
        return [token for found in pool.map(tokens, shares) for token in found]


def _token(variant: str, connection: Connection, email: str) -> str:
    asks = {"log in": [log_in(Member(number=0, email=email))]}
    response = connection.send(prepare(connection, asks)["log in"][0])
    if response.status != _HTTP_OK:
        raise VariantError(
            f"{variant} answered the login of {email} with {response.status} "
            f"{response.body[:200]!r}; its log is in the run's logs folder"
        )
    return str(json.loads(response.body)["access_token"])
