"""What a comparison needs from outside: servers, services, drivers, the clock, the terminal.

Tests pass fakes of these in; nothing else is swapped.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter_ns, sleep
from typing import Protocol

from pymongo import MongoClient
from redis import Redis
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.measure.delays import RedisPath, open_path
from benchmarks.measure.system import SystemReading, read_system
from benchmarks.report.figure import Figure
from benchmarks.report.results import Results
from benchmarks.report.write import draw_figures
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.interfaces import Cache, Document, Mongo, RunningService
from benchmarks.stack.service import start_service

_TIMEOUT_S = 10.0


class StackOpener(Protocol):
    """Find or start MongoDB and, if wanted, Redis."""

    def __call__(self, *, environ: Mapping[str, str], redis: bool) -> AbstractContextManager[Stack]:
        """Return the context in which they run; raises ``StackError``."""


class RedisPathOpener(Protocol):
    """Put something between the services and a Redis that can make the path longer."""

    def __call__(self, url: str, logs: Path, /) -> AbstractContextManager[RedisPath]:
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
        workers: int = 1,
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
class Dependencies:
    """The real ones, unless told otherwise."""

    open_stack: StackOpener = open_stack
    start_service: ServiceStarter = start_service
    connect_mongo: Callable[[str], Mongo] = connect_mongo
    connect_redis: Callable[[str], Cache] = connect_redis
    console: Console = field(default_factory=Console)
    open_path: RedisPathOpener = open_path
    clock_ns: Callable[[], int] = perf_counter_ns
    sleep: Callable[[float], None] = sleep
    read_system: Callable[[], SystemReading] = read_system
    draw: Callable[[Results], Sequence[Figure]] = draw_figures
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
