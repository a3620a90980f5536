"""The site of the suites: servers, documents, entries, and variants without HTTP.

The variants are composed as the service composes itself.
"""

import asyncio
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.runner.services import connect_mongo
from benchmarks.stack.dataset import Dataset, make_dataset, write_dataset
from benchmarks.stack.embedded import open_stack
from benchmarks.stack.server import Server
from benchmarks.variants.rivals import naive
from service.bootstrap import compose
from service.config import Settings
from service.domain import CachedValue, Snapshot, TodoChange, TodoId, UserId
from service.layers import Layering, with_redis, without_redis
from service.ports import CachedValues, Repository, Todos

TODOS = (0, 1, 20, 200, 1000)
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


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the dataset and one of the user's todos."""

    user: UserId
    todo: TodoId


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSite:
    """Running servers; a database per variant; people by how many todos they have."""

    mongo: Server
    redis: Server
    databases: Mapping[str, str]
    people: Mapping[int, Person]

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


@dataclass(frozen=True, slots=True)
class InProcessService:
    """One variant without HTTP."""

    repository: Repository
    todos: Todos

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
    """Return how a snapshot was come by: ``hit``, ``miss`` or ``bypass``; values may differ."""
    outcomes = snapshot.outcomes.values()
    return " and ".join(sorted({each.removeprefix("fwd=").partition(";")[0] for each in outcomes}))


async def composed(site: BenchmarkSite, variant: str, cleanup: AsyncExitStack) -> InProcessService:
    """Return a variant, which ``cleanup`` takes down."""
    backends = await compose(_settings_of(site, variant), LAYERINGS[variant], cleanup)
    return InProcessService(backends.repository, backends.todos)


def _settings_of(site: BenchmarkSite, variant: str) -> Settings:
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
            "redis_url": site.redis.url,
            "redis_deadline_seconds": 10.0,
            # The first write of an uncached service waits for one to end.
            "cache_lease_seconds": 2.0 if variant == "uncached" else 60.0,
        }
    )
