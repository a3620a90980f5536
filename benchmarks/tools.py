"""What a comparison needs from outside: servers, services, drivers, the clock, the terminal.

Tests pass fakes of these in; nothing else is swapped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter_ns, sleep
from typing import Any, Protocol

from pymongo import MongoClient
from redis import Redis
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.export.figure import Figure
from benchmarks.export.plots import figures
from benchmarks.export.results import Results
from benchmarks.measure.redis_way import RedisWay, open_way
from benchmarks.measure.system import SystemReading, read_system
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.service import start_service

Document = dict[str, Any]
_TIMEOUT_S = 10.0


class Collection(Protocol):
    """What is needed of a collection."""

    def insert_many(self, documents: Iterable[Document], /) -> object:
        """Write new documents."""


class Database(Protocol):
    """What is needed of a database."""

    def __getitem__(self, name: str, /) -> Collection:
        """Return a collection."""

    def command(self, command: dict[str, Any], /) -> Any:
        """Run a command; raises ``OperationFailure``."""


class Mongo(Protocol):
    """What is needed of a MongoDB client."""

    def get_database(self, name: str, /) -> Database:
        """Return a database, which need not exist."""

    def drop_database(self, name: str, /) -> None:
        """Remove a database with all it holds."""

    def close(self) -> None:
        """Close the connections."""


class Cache(Protocol):
    """What is needed of a Redis client that is bound to one of the server's databases."""

    def flushdb(self) -> object:
        """Empty that database."""

    def dbsize(self) -> Any:
        """Return how many keys it holds."""

    def info(self, section: str, /) -> Any:
        """Return a section of the server's own figures."""

    def close(self) -> None:
        """Close the connections."""


class RunningProcess(Protocol):
    """What is needed of a process."""

    @property
    def pid(self) -> int:
        """Return its number."""


class RunningService(Protocol):
    """What is needed of a started service."""

    @property
    def url(self) -> str:
        """Return where it answers."""

    @property
    def process(self) -> RunningProcess:
        """Return the process that answers."""


class StackOpener(Protocol):
    """Find or start MongoDB and, if wanted, Redis."""

    def __call__(self, *, environ: Mapping[str, str], redis: bool) -> AbstractContextManager[Stack]:
        """Return the context in which they run; raises ``StackError``."""


class WayOpener(Protocol):
    """Put something between the services and a Redis that can make the way longer."""

    def __call__(self, url: str, logs: Path, /) -> AbstractContextManager[RedisWay]:
        """Return the context in which it is there; raises ``StackError``."""


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
    ) -> AbstractContextManager[RunningService]:
        """Return the context in which it runs; raises ``StackError``."""


def connect_mongo(url: str) -> Mongo:
    """Connect under a name of our own, so that the failpoint leaves us alone."""
    return MongoClient[Document](
        url, appname="fivefold-harness", timeoutMS=int(_TIMEOUT_S * 1000), tz_aware=True
    )


def connect_redis(url: str) -> Cache:
    """Connect to the database that the URL names."""
    return Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


def shown_progress(console: Console) -> Progress:
    """Return the display of a long job; it is gone when the job is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The real ones, unless told otherwise."""

    open_stack: StackOpener = open_stack
    start_service: ServiceStarter = start_service
    connect_mongo: Callable[[str], Mongo] = connect_mongo
    connect_redis: Callable[[str], Cache] = connect_redis
    console: Console = field(default_factory=Console)
    open_way: WayOpener = open_way
    clock_ns: Callable[[], int] = perf_counter_ns
    sleep: Callable[[float], None] = sleep
    read_system: Callable[[], SystemReading] = read_system
    draw: Callable[[Results], Sequence[Figure]] = figures
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
