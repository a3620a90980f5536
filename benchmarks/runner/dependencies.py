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
from benchmarks.stack.dataset import Document
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.service import Service, start_service

DRIVER_ERRORS = (PyMongoError, RedisError)
"""The exceptions of the servers' drivers."""
_TIMEOUT_S = 10.0


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
