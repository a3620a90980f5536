"""The site of the suites: servers, documents, entries, and variants without HTTP.

The variants are composed as the service composes itself.
"""

import asyncio
import statistics
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
from benchmarks.variants.rivals import naive
from service.bootstrap import compose
from service.codec import encode_todos
from service.coherence.entries import pack_account, pack_todos
from service.config import Settings
from service.domain import (
    Account,
    CachedValue,
    NewTodo,
    Snapshot,
    TodoChange,
    TodoId,
    TodoList,
    UserId,
)
from service.layers import Layering, with_redis, without_redis
from service.outcomes import HIT, OFF
from service.ports import CachedValues, Repository, Todos

TODOS = (0, 1, 20, 200, 1000)
DELAYS_MS = (0.0, 0.5, 2.0)
PAYLOADS_AND_DELAYS = [*((todos, 0.0) for todos in TODOS), (20, 0.5), (20, 2.0)]
"""Todos, and milliseconds that are added to a round trip to Redis."""
LAYERINGS: dict[str, Layering] = {
    "uncached": without_redis,
    "cached": with_redis,
    "naive": naive.layering,
}
PAYLOAD_BYTES, LARGEST_PAYLOAD_BYTES = 100, 10
"""Of a todo's text, and of one in the largest list, which has to be small enough to be cached."""
NOTHING = TodoId("0" * 24)
PATIENCE_S = 60.0
SECRET = "a secret of the benchmarks, longer than 32 bytes"  # noqa: S105 - of data that is dropped
BOTH = (CachedValue.USER, CachedValue.TODOS)
USER = UserId("5f" * 12)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_PINGS = 21


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the dataset and one of the user's todos."""

    user: UserId
    todo: TodoId


@dataclass(frozen=True, slots=True)
class ServerPath:
    """A network path to Redis, and what a round trip on it takes."""

    url: str
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
    payload_bytes = LARGEST_PAYLOAD_BYTES if todos == TODOS[-1] else PAYLOAD_BYTES
    made = make_dataset(seed=todos, users=1, todos_per_user=todos, payload_bytes=payload_bytes)
    [user] = made.users
    return Dataset(users=[user | {"email": f"has-{todos}@example.com"}], todos=made.todos)


def _person(dataset: Dataset) -> Person:
    todo = TodoId(str(dataset.todos[0]["_id"])) if dataset.todos else NOTHING
    return Person(UserId(str(dataset.users[0]["_id"])), todo)


def _databases(url: str, datasets: Mapping[int, Dataset], cleanup: ExitStack) -> Mapping[str, str]:
    client = connect_mongo(url)
    cleanup.callback(client.close)
    names = {variant: f"micro_{variant}_{uuid.uuid4().hex[:12]}" for variant in LAYERINGS}
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
    return ServerPath(url, _round_trip_ms(url))


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


class InProcessService:
    """One variant over one way to Redis."""

    def __init__(self, repository: Repository, todos: Todos) -> None:
        self.repository = repository
        self.todos = todos

    async def read(self, user: UserId, slots: CachedValues = BOTH) -> Snapshot:
        """Read these slots of a user."""
        return await self.repository.read(user, slots)

    async def write(self, person: Person) -> int:
        """Change a todo and return its revision."""
        change = TodoChange({"completed": True})
        async with self.repository.write(person.user, CachedValue.TODOS):
            todo = await self.todos.update(person.user, person.todo, change)
        return todo.rev

    async def forget(self, user: UserId) -> None:
        """Empty the user's slots the way a write does, without changing anything."""
        async with self.repository.write(user, *BOTH):
            pass

    async def until_hit(self, user: UserId) -> Snapshot:
        """Read until the cache answers every slot; raises ``TimeoutError``."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            snapshot = await self.read(user)
            if outcome_of(snapshot) == "hit":
                return snapshot
            if time.monotonic() > deadline:
                raise TimeoutError(f"no hit within {PATIENCE_S:.0f} s: {snapshot.outcomes}")
            await asyncio.sleep(0.001)


def outcome_of(snapshot: Snapshot) -> str:
    """Return how a snapshot was come by: ``hit``, ``miss`` or ``off``.

    Anything else, and values that differ, come as they are, so that they equal none of these.
    """
    return " and ".join(sorted({_word(outcome) for outcome in snapshot.outcomes.values()}))


def _word(outcome: str) -> str:
    if outcome == HIT:
        return "hit"
    if outcome == OFF:
        return "off"
    return "miss" if outcome.startswith("fwd=miss") else outcome


class Services:
    """Services by variant and delay, opened when first asked for; ``cleanup`` takes them down."""

    def __init__(
        self, site: BenchmarkSite, runner: asyncio.Runner, cleanup: AsyncExitStack
    ) -> None:
        self._site = site
        self._runner = runner
        self._cleanup = cleanup
        self._open: dict[tuple[str, float], InProcessService] = {}

    def get(self, variant: str, delay_ms: float = 0.0) -> InProcessService:
        """Return a service, composed the first time."""
        # Without a client of Redis there is no way to it: one service stands for all delays.
        key = variant, 0.0 if variant == "uncached" else delay_ms
        if key not in self._open:
            self._open[key] = self._runner.run(self._compose(*key))
        return self._open[key]

    async def _compose(self, variant: str, delay_ms: float) -> InProcessService:
        settings = settings_of(self._site, variant, delay_ms)
        backends = await compose(settings, LAYERINGS[variant], self._cleanup)
        return InProcessService(backends.repository, backends.todos)


def settings_of(site: BenchmarkSite, variant: str, delay_ms: float) -> Settings:
    """Return the settings of a variant that are not the defaults.

    The loop stands still between benchmarks, and the machine may be busy: the lease and the
    deadline are longer, so that neither ends between two measurements. Neither changes what is
    done.
    """
    return Settings.model_validate(
        {
            "jwt_secret": SECRET,
            "mongodb_url": site.mongo.url,
            "mongodb_database": site.databases[variant],
            "redis_url": site.paths[delay_ms].url,
            "redis_deadline_seconds": 10.0,
            # The first write of an uncached service waits for one to end.
            "cache_lease_seconds": 2.0 if variant == "uncached" else 60.0,
        }
    )


def account(*, revoked: int = 0) -> Account:
    """Return an account with this many tokens on its denylist."""
    expiry = MOMENT.timestamp() + 10**9
    return Account(
        USER,
        "Ada",
        "ada@example.com",
        MOMENT,
        0,
        {f"{number:08x}-0000-4000-8000-000000000000": expiry for number in range(revoked)},
    )


def user_entry() -> bytes:
    """Return the entry of the user slot."""
    return pack_account(account())


def list_entry(todos: int) -> bytes:
    """Return the entry of the todos slot."""
    new = NewTodo({"heading": "Write report", "task": "x" * 100})
    todo = replace(new.created(TodoId("70" * 12)), created_at=MOMENT, updated_at=MOMENT)
    return pack_todos(USER, TodoList(encode_todos((todo,) * todos), None))
