"""A deployment in this process: one database, one cache, as many service processes as asked for."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest

from service.adapters.database import DatabaseRepository
from service.coherence.control import FenceControl
from service.coherence.entries import Entries
from service.coherence.fence import Fence
from service.coherence.healer import Healer
from service.coherence.lease import Lease
from service.coherence.local import CopyingCache, LocalCopies, LocalReads
from service.coherence.reads import FencedReads
from service.coherence.repository import FencedRepository
from service.coherence.timing import Timing
from service.coherence.writes import FencedWrites
from service.domain import Account, NewAccount, NewTodo, Slot, Todo, UserId
from service.trace import Trace, begin
from tests.fakes import FakeTodos, FakeUsers
from tests.fakes_coherence import RUN, FakeFenceStore, FakeLeasedCache, SleepingClock

TTL_S = {Slot.USER: 600.0, Slot.TODOS: 300.0}
LOCAL_S = 0.02
BOTH = (Slot.USER, Slot.TODOS)


@dataclass
class Process:
    """One service process over the deployment's stores."""

    lease: Lease
    reads: FencedReads
    writes: FencedWrites
    repository: FencedRepository
    healer: Healer
    control: FenceControl
    deadlines: list[float]


@dataclass
class Deployment:
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

    async def process(self, run_id: str | None = RUN, own: Timing | None = None) -> Process:
        """Start one more process; the first one's ``run_id`` says whether the fence is open."""
        lease = self.lease(own)
        await lease.start(run_id)
        entries = Entries(TTL_S, clock=self.clock, jitter=lambda: 1.0)
        reads = FencedReads(self.plain, lease, self.cache, entries, sleep=self.clock.sleep)
        deadlines: list[float] = []

        def deadline(seconds: float) -> nullcontext[None]:
            deadlines.append(seconds)
            return nullcontext()

        writes = FencedWrites(lease, self.cache, deadline=deadline)
        return Process(
            lease,
            reads,
            writes,
            FencedRepository(self.plain, reads, writes),
            Healer(lease, self.probe, clock=self.clock, sleep=self.clock.sleep),
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


@dataclass
class Copying:
    """One service process that copies."""

    lease: Lease
    copies: LocalCopies
    cache: CopyingCache
    fenced: FencedReads
    reads: LocalReads
    writes: FencedWrites
    repository: FencedRepository


Start = Callable[..., Copying]


async def pass_time(deployment: Deployment, process: Copying, seconds: float) -> None:
    deployment.clock.advance(seconds)
    await process.lease.renew()


async def warm(process: Copying, ada: Account) -> None:
    """Have the values in the cache, and no copy of them."""
    await process.fenced.read(ada.id, BOTH)
    await process.fenced.drain()


async def asked(deployment: Deployment, process: Copying, user_id: UserId) -> bool:
    """Tell whether a read asked the cache."""
    before = deployment.cache.calls["get"]
    await process.reads.read(user_id, BOTH)
    return deployment.cache.calls["get"] > before


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


@pytest.fixture
async def process(deployment: Deployment) -> Process:
    return await deployment.process()


@pytest.fixture
def start(deployment: Deployment) -> Start:
    """Return what makes one more process that copies, over a fence that is there."""

    def process(*, capacity: int = 100) -> Copying:
        lease = deployment.lease()
        clock = deployment.clock
        copies = LocalCopies(deployment.timing, local_s=LOCAL_S, capacity=capacity, clock=clock)
        entries = Entries(TTL_S, clock=clock, jitter=lambda: 1.0)
        cache = CopyingCache(deployment.cache, copies, entries)
        fenced = FencedReads(deployment.plain, lease, cache, entries, sleep=clock.sleep)
        reads = LocalReads(fenced, lease, copies)
        writes = FencedWrites(lease, cache)
        repository = FencedRepository(deployment.plain, reads, writes)
        return Copying(lease, copies, cache, fenced, reads, writes, repository)

    return process


@pytest.fixture
async def copying(deployment: Deployment, start: Start) -> Copying:
    """Return a process for whose copies writers have waited for long enough."""
    process = start()
    fence = await process.lease.start(RUN)
    await process.lease.step(fence, fence.copying(LOCAL_S))
    process.copies.allowed(deployment.fence)
    await pass_time(deployment, process, deployment.timing.grace_s)
    return process


@pytest.fixture
async def ada(deployment: Deployment) -> Account:
    return await deployment.users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
async def milk(deployment: Deployment, ada: Account) -> Todo:
    return await deployment.todos.insert(ada.id, NewTodo("Milk", "Two litres"))


@pytest.fixture
def trace() -> Trace:
    """Return the trace that reads of this test write to."""
    return begin()


@pytest.fixture
def errors() -> list[Exception]:
    """Return where background work tells its failures."""
    return []
