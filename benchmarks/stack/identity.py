"""Ask a server what it is, with no connection left open."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.redis_url import read_redis_url

TIMEOUT_S = 2.0
"""How long a server may take to answer a question."""

_REDIS_PRODUCTS = {"redis": "Redis", "valkey": "Valkey"}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a server says it is."""

    product: str
    """The name of the software: MongoDB, SecantusDB, Redis, Valkey or fakeredis."""
    version: str


def identify_mongo(url: str) -> Identity:
    """Ping it and ask; raises ``PyMongoError`` after about 2 seconds of silence."""
    with mongo_client(url) as client:
        client.admin.command("ping")
        build = client.admin.command("buildInfo")
    if "secantusVersion" in build:
        return Identity(product="SecantusDB", version=build["secantusVersion"])
    return Identity(product="MongoDB", version=build["version"])


def identify_redis(url: str) -> Identity:
    """Ping it and ask, of several servers the first that answers.

    Raises ``RedisError`` after about 2 seconds of silence of each, ``ValueError`` for no URL.
    """
    *others, last = read_redis_url(url).startup_nodes
    for node in others:
        with suppress(RedisError):
            return _identified(node)
    return _identified(last)


def _identified(url: str) -> Identity:
    with redis_client(url) as client:
        client.ping()
        # Not INFO: fakeredis has none, and a managed server may forbid it.
        greeting = client.execute_command("HELLO")
    server = _texts(greeting)
    product = server["server"]
    return Identity(product=_REDIS_PRODUCTS.get(product, product), version=server["version"])


def mongo_client(url: str) -> MongoClient[dict[str, Any]]:
    """Return a client that waits at most 2 seconds for anything; the caller closes."""
    timeout_ms = int(TIMEOUT_S * 1000)
    return MongoClient(
        url,
        serverSelectionTimeoutMS=timeout_ms,
        connectTimeoutMS=timeout_ms,
        socketTimeoutMS=timeout_ms,
    )


def redis_client(url: str) -> Redis:
    """Return a client that waits at most 2 seconds, once; the caller closes."""
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def _texts(greeting: Any) -> dict[str, str]:
    # A map in RESP3, the same as one flat list in RESP2.
    if not isinstance(greeting, dict):
        greeting = dict(zip(greeting[::2], greeting[1::2], strict=True))
    return {_text(name): _text(value) for name, value in greeting.items()}


def _text(part: Any) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)
