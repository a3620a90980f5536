"""Where a Redis is, its client and deadlines, and a breaker that spares callers one that is down.

redis-py's own defaults retry ten times and wait five seconds each, which turns a stopped Redis
into a stopped service; a retried increment also counts twice. So: no retries, short deadlines.
"""

import asyncio
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import RedisSSLContext, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from service.coherence.cache import CacheUnavailable
from service.config import REDIS_URL_EXAMPLE, TAKES_URL, ConfigurationError
from service.redis_url import read_redis_url
from service.trace import current

COMMAND_DEADLINE_S = 0.05
CONNECT_DEADLINE_S = 0.1
MAX_CONNECTIONS = 64
COOL_DOWN_S = 1.0
FAILURES = 3
_WITHIN_S = 1.0
_NO_SUCH_DATABASE = re.compile(r"\bDB index\b", re.IGNORECASE)
P = TypeVar("P", bound=asyncio.Protocol)
T = TypeVar("T")
Command = tuple[str | bytes | int, ...]

# redis-py lets two kinds of errors through as they are: uvloop's RuntimeError for a transport
# that was closed while a connection was being greeted, and EOFError for half an answer.
OUTAGES = (RedisError, OSError, EOFError, RuntimeError)


class RedisUnavailable(CacheUnavailable):
    """Redis refused or did not answer in time; whether the command ran is unknown."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.args = (why,)


def connect(
    url: str,
    *,
    deadline_s: float = COMMAND_DEADLINE_S,
    connect_deadline_s: float | None = None,
) -> Redis:
    """Return a client that fails within tens of milliseconds; to be called in the running loop.

    Without ``connect_deadline_s`` a connection is made within :data:`CONNECT_DEADLINE_S`.
    """
    ours: dict[str, Any] = {
        "protocol": 3,
        "max_connections": MAX_CONNECTIONS,
        "timeout": deadline_s,
        "socket_timeout": deadline_s,
        "socket_connect_timeout": connect_deadline_s or CONNECT_DEADLINE_S,
        "encoding": "utf-8",
        "decode_responses": False,
        "retry": Retry(NoBackoff(), 0),
    }
    # Not from_url, with which an option of the URL would come before ours.
    return Redis.from_pool(BlockingConnectionPool(**{**parse_url(url), **ours}))


async def all_of(questions: Iterable[Awaitable[T]]) -> list[T]:
    """Return every answer, or raise the first failure when all have ended.

    A question that is still under way could open a connection after the client was closed.
    """
    answers = await asyncio.gather(*questions, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return cast(list[T], answers)


class Breaker:
    """Let calls through until :data:`FAILURES` in a row fail, then refuse them for a while.

    After :data:`COOL_DOWN_S` the next call is tried, and its failure alone starts the while anew.
    One late answer is a hiccup of either side; without a threshold it would cost a second of
    hits. ``clock`` gives monotonic seconds. ``on_event`` hears ``redis_failed`` of each failure,
    ``redis_lost`` when Redis is given up and ``redis_recovered`` when it answers again.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_event: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._on_event = on_event
        self._closed_until = 0.0
        self._failures = 0
        self._lost = False

    def call(self, *, even_when_open: bool = False) -> "_Call":
        """Guard one call: time it, translate its failure into ``RedisUnavailable``.

        With ``even_when_open`` the call is tried although Redis is thought to be down.
        """
        if self._closed_until and not even_when_open and self._clock() < self._closed_until:
            raise RedisUnavailable("Redis failed a moment ago")
        return _Call(self)

    def succeeded(self) -> None:
        """Note that Redis answered."""
        if self._failures:
            self._failures = 0
            self._closed_until = 0.0
            if self._lost:
                self._lost = False
                self._on_event("redis_recovered")

    def failed(self) -> None:
        """Note that Redis did not answer."""
        self._on_event("redis_failed")
        self._failures += 1
        if self._failures >= FAILURES:
            self._closed_until = self._clock() + COOL_DOWN_S
            if not self._lost:
                self._lost = True
                self._on_event("redis_lost")


class _Call:
    """One guarded call. A class, since a generator would cost a hit ten times as much."""

    __slots__ = ("_breaker", "_started")

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._started = perf_counter()

    def __enter__(self) -> None:
        """Begin; the clock runs already."""

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        current().cache_s += perf_counter() - self._started
        if error is None:
            self._breaker.succeeded()
        elif isinstance(error, ResponseError):
            # The server is there and refuses this command (out of memory, no permission).
            raise RedisUnavailable(str(error)) from error
        elif isinstance(error, OUTAGES):
            if not _pool_exhausted(error):
                self._breaker.failed()
            raise RedisUnavailable(str(error)) from error


def _pool_exhausted(error: BaseException) -> bool:
    """Tell whether the server is fine and this process asked too much of it at once."""
    waited_for_pool = isinstance(error.__cause__, asyncio.TimeoutError)
    return isinstance(error, RedisConnectionError) and waited_for_pool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, by TCP, TLS or Unix socket, and the commands that a new connection begins with."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None
    greeting: tuple[Command, ...]

    @classmethod
    def from_url(cls, url: str) -> "Endpoint":
        """Read a URL as redis-py does; raises ``ValueError``."""
        parts: dict[str, Any] = dict(parse_url(url))
        return cls(
            host=parts.get("host", "localhost"),
            port=parts.get("port", 6379),
            path=parts.get("path", ""),
            tls=_tls(parts) if parts.get("connection_class") is SSLConnection else None,
            greeting=tuple(_greeting(parts)),
        )

    async def connect(self, protocol: Callable[[], P]) -> P:
        """Open a connection; raises ``OSError``."""
        loop = asyncio.get_running_loop()
        if self.path:
            return (await loop.create_unix_connection(protocol, self.path))[1]
        _, made = await loop.create_connection(protocol, self.host, self.port, ssl=self.tls)
        return made


def _greeting(parts: dict[str, Any]) -> list[Command]:
    commands: list[Command] = []
    if password := parts.get("password"):
        user = (parts["username"],) if parts.get("username") else ()
        commands.append(("AUTH", *user, password))
    if number := parts.get("db"):
        commands.append(("SELECT", number))
    return commands


def _tls(parts: dict[str, Any]) -> ssl.SSLContext:
    options = {
        name.removeprefix("ssl_"): value for name, value in parts.items() if name.startswith("ssl_")
    }
    # What redis-py asks for when the URL does not say.
    return RedisSSLContext(**{"cert_reqs": "required", "check_hostname": True, **options}).get()


def require_usable(url: str) -> None:
    """Make what the service makes of the URL, and ask once; raises ``ConfigurationError``.

    A server that does not answer, or refuses for another reason than its database, is left to its
    first use: the service works without.
    """
    nodes = read_redis_url(url).startup_nodes
    try:
        for node in nodes:
            Endpoint.from_url(node)
        asyncio.run(_ping(nodes))
    except Exception:  # noqa: BLE001 - redis-py does not foresee every value
        why = TAKES_URL.format(REDIS_URL_EXAMPLE)
        raise ConfigurationError(f"REDIS_URL: {why}") from None


async def _ping(nodes: tuple[str, ...]) -> None:
    await all_of(map(_ping_one, nodes))


async def _ping_one(node: str) -> None:
    async with connect(node, deadline_s=_WITHIN_S, connect_deadline_s=_WITHIN_S) as client:
        try:
            await client.ping()
        except OUTAGES as error:
            # redis-py wraps what it did not foresee, so the cause decides.
            foreseen = isinstance(error.__cause__ or error, OUTAGES)
            if not foreseen or _NO_SUCH_DATABASE.search(str(error)):
                raise
