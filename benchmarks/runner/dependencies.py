"""The dependencies of a comparison beyond a job's: servers, services, drivers.

Tests pass fakes of these in; nothing else is swapped.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.runner.job_dependencies import JobDependencies
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.interfaces import Cache, Document, Mongo, RunningService
from benchmarks.stack.service import start_service

DRIVER_ERRORS = (PyMongoError, RedisError)
"""The exceptions of the servers' drivers."""
_TIMEOUT_S = 10.0


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

    open_stack: Callable[..., AbstractContextManager[Stack]] = open_stack
    start_service: Callable[..., AbstractContextManager[RunningService]] = start_service
    connect_mongo: Callable[[str], Mongo] = connect_mongo
    connect_redis: Callable[[str], Cache] = connect_redis
