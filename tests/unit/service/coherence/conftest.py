"""A deployment in this process: one database, one cache, as many service processes as asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from service.adapters.database import DatabaseRepository
from service.coherence.control import FenceControl
from service.coherence.entries import Entries
from service.coherence.fence import Fence
from service.coherence.lease import Lease, Timing
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedRepository
from service.coherence.writes import FencedWrites
from service.domain import Account, CachedValue, NewAccount, Todo, UserId
from service.ports import CachedValues
from tests.fakes import FakeTodos, FakeUsers, new_todo
from tests.fakes_coherence import RUN, TTL_S, FakeFenceStore, FakeLeasedCache, SleepingClock

BOTH = (CachedValue.USER, CachedValue.TODOS)
T = TypeVar("T")


@dataclass
class CoherenceProcess:
    """One service process over the deployment's stores."""

    lease: Lease
    writes: FencedWrites
    repository: FencedRepository
    healer: RecoveryMonitor
    control: FenceControl
    deadlines: list[float]

    async def write(
        self, user_id: UserId, kinds: CachedValues, commit: Callable[[], Awaitable[T]]
    ) -> T:
        """Write so that a commit is enclosed as a request's is."""
        async with self.writes.around(user_id, *kinds):
            return await commit()


@dataclass
class CoherenceDeployment:
    """What all processes share; ``run_id`` is what Redis answers, ``None`` when it does not."""

    clock: SleepingClock = field(default_factory=SleepingClock)
    timing: Timing = field(default_factory=Timing)
    users: FakeUsers = field(default_factory=FakeUsers)
    todos: FakeTodos = field(default_factory=FakeTodos)
    run_id: str | None = RUN

    def __post_init__(self) -> None:
        self.store = FakeFenceStore(self.clock)
        self.cache = FakeLeasedCache(self.clock, self.timing)
        self.plain = DatabaseRepository(self.users, self.todos)

    @property
    def fence(self) -> Fence:
        """The fence as the database has it."""
        assert self.store.fence is not None
        return self.store.fence

    def lease(self, own: Timing | None = None) -> Lease:
        """Return the lease of one more process, not started."""
        return Lease(self.store, own or self.timing, clock=self.clock, sleep=self.clock.sleep)

    async def process(
        self, run_id: str | None = RUN, own: Timing | None = None
    ) -> CoherenceProcess:
        """Start one more process; the first one's ``run_id`` says whether the fence is open."""
        lease = self.lease(own)
        await lease.start(run_id)
        entries = Entries(TTL_S, clock=self.clock, jitter=lambda: 1.0)
        deadlines: list[float] = []

        def deadline(seconds: float) -> nullcontext[None]:
            deadlines.append(seconds)
            return nullcontext()

        writes = FencedWrites(lease, self.cache, deadline=deadline)
        repository = FencedRepository(
            self.plain, lease, self.cache, entries, writes, sleep=self.clock.sleep
        )
        return CoherenceProcess(
            lease,
            writes,
            repository,
            RecoveryMonitor(lease, self.probe, clock=self.clock, sleep=self.clock.sleep),
            FenceControl(lease),
            deadlines,
        )

    async def probe(self) -> str:
        """Answer for Redis."""
        if self.run_id is None:
            raise ConnectionError
        return self.run_id

    def database_reads(self) -> int:
        """Return how often the database was asked for something to answer."""
        return self.users.calls["find"] + self.todos.calls["page"]


async def nothing() -> None:
    """Commit nothing."""


async def read_with_refused_fill(
    deployment: CoherenceDeployment, process: CoherenceProcess, user_id: UserId
) -> None:
    """Read the todos for the first time, while the permission to fill is lost."""
    reading = asyncio.ensure_future(process.repository.read(user_id, (CachedValue.TODOS,)))
    while deployment.cache.log != ["get", "acquire"]:  # noqa: ASYNC110 - one step of the loop each
        await asyncio.sleep(0)
    deployment.cache.memory.held.clear()
    await reading
    await process.repository.drain()


@pytest.fixture
def deployment() -> CoherenceDeployment:
    return CoherenceDeployment()


@pytest.fixture
async def process(deployment: CoherenceDeployment) -> CoherenceProcess:
    return await deployment.process()


@pytest.fixture
async def ada(deployment: CoherenceDeployment) -> Account:
    return await deployment.users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
async def milk(deployment: CoherenceDeployment, ada: Account) -> Todo:
    return await deployment.todos.insert(ada.id, new_todo("Milk", "Two litres"))


@pytest.fixture
def errors() -> list[Exception]:
    """Return where background work tells its failures."""
    return []
