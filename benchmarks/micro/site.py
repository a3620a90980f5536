"""What the suites run against: servers, and the same documents for every variant."""

import statistics
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from benchmarks.runner.dependencies import connect_mongo
from benchmarks.stack.dataset import Dataset, make_dataset, write_dataset
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.server import Server
from service.domain import TodoId, UserId

TODOS = (1, 20, 200)
DELAYS_MS = (0.0, 0.5, 2.0)
VARIANTS = ("uncached", "cached", "naive")
PAYLOAD_BYTES = 100
_PINGS = 21


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the dataset and one of the user's todos."""

    user: UserId
    todo: TodoId


@dataclass(frozen=True, slots=True)
class ServerPath:
    """A network path to Redis: what it is to add to a round trip, and what one takes on it."""

    url: str
    delay_ms: float
    round_trip_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSite:
    """Running servers; a database per variant; people by how many todos they have."""

    mongo: Server
    redis: Server
    databases: Mapping[str, str]
    people: Mapping[int, Person]
    paths: Mapping[float, ServerPath]

    @property
    def metadata(self) -> Mapping[str, object]:
        """Name the servers, and what is to be said beside every figure taken on them."""
        servers = (self.mongo, self.redis)
        return {
            "mongo": self.mongo.label,
            "redis": self.redis.label,
            "caveats": [server.caveat for server in servers if server.caveat],
        }


@contextmanager
def open_site(environ: Mapping[str, str]) -> Iterator[BenchmarkSite]:
    """Use the servers that ``environ`` names, else start some; raises ``StackError``.

    However the block is left, the databases are dropped and what was started is ended.
    """
    with ExitStack() as cleanup:
        with warnings.catch_warnings():
            # Every figure taken on fakeredis carries its caveat; the smoke run is fine with it.
            warnings.simplefilter("default", RuntimeWarning)
            stack = cleanup.enter_context(open_stack(environ=environ))
        if stack.redis is None:
            raise TypeError("a stack with Redis was asked for")
        datasets = {count: _dataset(count) for count in TODOS}
        yield BenchmarkSite(
            mongo=stack.mongo,
            redis=stack.redis,
            databases=_databases(stack.mongo.url, datasets, cleanup),
            people={count: _person(dataset) for count, dataset in datasets.items()},
            paths={
                delay_ms: _path(stack, stack.redis, delay_ms, cleanup) for delay_ms in DELAYS_MS
            },
        )


def _dataset(todos: int) -> Dataset:
    made = make_dataset(seed=todos, users=1, todos_per_user=todos, payload_bytes=PAYLOAD_BYTES)
    [user] = made.users
    return Dataset(users=[user | {"email": f"has-{todos}@example.com"}], todos=made.todos)


def _person(dataset: Dataset) -> Person:
    return Person(UserId(str(dataset.users[0]["_id"])), TodoId(str(dataset.todos[0]["_id"])))


def _databases(url: str, datasets: Mapping[int, Dataset], cleanup: ExitStack) -> Mapping[str, str]:
    client = connect_mongo(url)
    cleanup.callback(client.close)
    names = {variant: f"micro_{variant}_{uuid.uuid4().hex[:12]}" for variant in VARIANTS}
    for name in names.values():
        cleanup.callback(client.drop_database, name)
        for dataset in datasets.values():
            write_dataset(dataset, client.get_database(name))
    return names


def _path(stack: Stack, redis: Server, delay_ms: float, cleanup: ExitStack) -> ServerPath:
    url = redis.url
    if delay_ms:
        log = stack.folder / f"proxy-{delay_ms}.log"
        proxy = cleanup.enter_context(start_proxy(url, log=log, name=f"proxy of {delay_ms} ms"))
        proxy.switch(RelayMode.DELAY, delay_ms=delay_ms / 2)
        url = proxy.url
    return ServerPath(url, delay_ms, _round_trip_ms(url))


def _round_trip_ms(url: str) -> float:
    """Return the median round trip of a PING; the first one opens the connection."""
    taken_s = []
    with Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=5.0) as client:
        client.ping()
        for _ in range(_PINGS):
            started = perf_counter()
            client.ping()
            taken_s.append(perf_counter() - started)
    return statistics.median(taken_s) * 1000
