"""The dependencies of a comparison beyond a job's: servers, services, drivers.

Tests pass fakes of these in; nothing else is swapped.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.measure.delays import RedisPath, open_path
from benchmarks.runner.job_dependencies import JobDependencies
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.interfaces import Cache, Document, Mongo, RunningService
from benchmarks.stack.service import start_service

DRIVER_ERRORS = (PyMongoError, RedisError)
"""The exceptions of the servers' drivers."""
_TIMEOUT_S = 10.0


class StackOpener(Protocol):
    """Find or start MongoDB and, if wanted, Redis."""

    def __call__(self, *, environ: Mapping[str, str], redis: bool) -> AbstractContextManager[Stack]:
        """Return the context in which they run; raises ``UsageError`` and ``StackError``."""


class ServiceStarter(Protocol):
    """Start a service and wait until it is ready."""

    def __call__(
        self,
        *,
        mongo_url: str,
        database: str,
        redis_url: str | None,
        env: Mapping[str, str],
        log: Path,
        module: str,
        workers: int = 1,
    ) -> AbstractContextManager[RunningService]:
        """Return the context in which it runs; raises ``UsageError`` and ``StackError``."""


def connect_mongo(url: str) -> Mongo:
    """Connect under a name of our own, so that the failpoint leaves us alone."""
    return MongoClient[Document](
        url, appname="fivefold-harness", timeoutMS=int(_TIMEOUT_S * 1000), tz_aware=True
    )


def connect_redis(url: str) -> Cache:
    """Connect to the database that the URL names."""
    return Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


@dataclass(frozen=True, kw_only=True)
class Dependencies(JobDependencies):
    """The real ones, unless told otherwise."""

    open_stack: StackOpener = open_stack
    start_service: ServiceStarter = start_service
    connect_mongo: Callable[[str], Mongo] = connect_mongo
    connect_redis: Callable[[str], Cache] = connect_redis
    open_path: Callable[[str, Path], AbstractContextManager[RedisPath]] = open_path
