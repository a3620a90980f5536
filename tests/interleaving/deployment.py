"""Who takes part in a scenario: processes made of the real code, readers, a writer, and mishaps."""

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

from service.adapters.database import DatabaseRepository
from service.codec import decode_todos, encode_todos
from service.coherence.cache import Marks
from service.coherence.control import FenceControl
from service.coherence.entries import Entries, pack_todos
from service.coherence.fence import Fence, State
from service.coherence.lease import Lease, Timing
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedRepository
from service.coherence.uncached import NullCache, UncachedRepository
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, Snapshot, TodoChange, TodoList
from service.errors import Unavailable
from service.ports import Repository
from tests.fakes import FakeUsers
from tests.interleaving.scheduler import ACTOR, Scheduler, frozen
from tests.interleaving.stores import (
    TODO,
    USER,
    SlowFence,
    SteppedCache,
    SteppedFence,
    SteppedTodos,
    StoreServer,
)

TTL_S = 300.0
LIST = (CachedValue.TODOS,)


@dataclass(frozen=True, slots=True)
class Code:
    """The classes that a scenario is made of: the shipped ones, or a mutant in the place of one."""

    lease: type[Lease] = Lease
    repository: type[FencedRepository] = FencedRepository
    writes: type[FencedWrites] = FencedWrites
    monitor: type[RecoveryMonitor] = RecoveryMonitor
    cache: type[SteppedCache] = SteppedCache


@dataclass
class InterleavedHistory:
    """The newest version that was acknowledged and the newest that a read returned."""

    scheduler: Scheduler
    linear: bool
    acknowledged: int = 0
    returned: int = 0
    events: list[str] = field(default_factory=list)

    def floor(self) -> int:
        """Return what a read that starts now must not fall below."""
        return max(self.acknowledged, self.returned) if self.linear else self.acknowledged

    def acknowledge(self, version: int) -> None:
        self.events.append(f"acknowledged {version}")
        self.acknowledged = max(self.acknowledged, version)

    def give(self, name: str, version: int, floor: int) -> None:
        """Note that a read returned a version."""
        self.events.append(f"{name} {version} of {floor}")
        if version < floor and not self.scheduler.violation:
            self.scheduler.violation = f"version {version} after {floor}"
        if self.linear:
            self.returned = max(self.returned, version)


@dataclass
class InterleavedProcess:
    """One service process: a lease of its own, over the stores that all share."""

    lease: Lease
    repository: Repository
    control: FenceControl
    monitor: RecoveryMonitor


@dataclass
class InterleavedDeployment:
    """The stores of a scenario, and the processes that were started on them."""

    scheduler: Scheduler
    code: Code = field(default_factory=Code)
    linear: bool = True
    timing: Timing = field(default_factory=Timing)
    enabled: bool = True

    def __post_init__(self) -> None:
        self.history = InterleavedHistory(self.scheduler, self.linear)
        self.server = StoreServer(self.scheduler)
        fence = Fence("d", 1, State.ON, 1, self.server.run_id, self.enabled)
        self.document = SteppedFence(self.scheduler, fence)
        self.todos = SteppedTodos(self.scheduler)
        self.plain = DatabaseRepository(FakeUsers(), self.todos)
        self.processes: list[InterleavedProcess] = []
        self.scheduler.shared.append(self._state)

    def _state(self) -> Hashable:
        server, history = self.server, self.history
        return (
            server.state(),
            frozen(self.document.fence),
            frozenset(self.document.replaced_at.items()),
            self.todos.todo.rev,
            history.acknowledged,
            history.returned,
        )

    def warm(self) -> None:
        """Put the present version into the cache."""
        assert self.document.fence is not None
        body = encode_todos((self.todos.todo,))
        entry = pack_todos(USER, TodoList(body, None))
        cache = SteppedCache(self.server, self.timing)
        cache.put(self.document.fence, USER, CachedValue.TODOS, b"V" + entry)

    def process(
        self, *, leased: bool = True, with_redis: bool = True, slow: bool = False
    ) -> InterleavedProcess:
        """Start a process; ``leased`` gives it the fence as it is now."""
        scheduler = self.scheduler

        def clock() -> float:
            return scheduler.clock

        store: Any = SlowFence(scheduler, self.document) if slow else self.document
        lease = self.code.lease(store, self.timing, clock=clock, sleep=scheduler.sleep)
        scheduler.leases.append(lambda: (frozen(lease._fence), lease._valid_until, lease._seen_at))
        if leased and self.document.fence is not None:
            lease._adopt(self.document.fence, scheduler.clock)
        entries = Entries(
            {CachedValue.TODOS: TTL_S}, clock=lambda: scheduler.clock, jitter=lambda: 1.0
        )
        cache = self.code.cache(self.server, self.timing)
        marks: Marks = cache if with_redis else NullCache()
        writes = self.code.writes(lease, marks)
        writes._tokens = scheduler  # type: ignore[assignment]
        repository: Repository = UncachedRepository(self.plain, writes)
        if with_redis:
            fenced = self.code.repository(
                self.plain, lease, cache, entries, writes, sleep=scheduler.pause
            )
            fenced._tokens = scheduler  # type: ignore[assignment]
            repository = fenced
        monitor = self.code.monitor(lease, self.probe, clock=clock, sleep=scheduler.sleep)
        self.processes.append(InterleavedProcess(lease, repository, FenceControl(lease), monitor))
        return self.processes[-1]

    async def probe(self) -> str:
        """Return the server's run id, as the monitor asks for it."""
        if not self.server.answers or self.server.hangs:
            raise ConnectionError
        return self.server.run_id

    def reader(self, name: str, process: InterleavedProcess, *, times: int = 1) -> None:
        """Let somebody read, and perhaps again."""

        async def work() -> None:
            for number in range(times):
                # What a read still has to fill when the next begins has a name of its own.
                ACTOR.set(name + "'" * number)
                floor = await self.scheduler.point("starts", self.history.floor)
                snapshot = await process.repository.read(USER, LIST)
                self.history.give(name, version_of(snapshot), floor)

        self.scheduler.enter(name, work())

    def writer(self, name: str, process: InterleavedProcess) -> None:
        """Let somebody write once; what fails is not acknowledged."""

        async def work() -> None:
            await self.scheduler.point("starts", lambda: None)
            try:
                async with process.repository.write(USER, *LIST):
                    todo = await self.todos.update(USER, TODO, TodoChange({}))
            except Unavailable:
                return
            self.history.acknowledge(todo.rev)

        self.scheduler.enter(name, work())

    def happens(self, name: str, *effects: Callable[[], object]) -> None:
        """Let these things happen one after the other, each at any moment."""

        async def work() -> None:
            for number, effect in enumerate(effects):
                await self.scheduler.point(f"step {number}", effect)

        self.scheduler.enter(name, work())

    def does(self, name: str, work: Callable[[], Coroutine[None, None, object]]) -> None:
        """Let somebody do something; they begin at once, and are as slow as they like."""
        self.scheduler.enter(name, work())

    def monitors(self, monitor: RecoveryMonitor, *, steps: int) -> None:
        """Let a monitor look so often."""

        async def work() -> None:
            for _ in range(steps):
                await monitor.step()

        self.scheduler.enter("H", work())

    def reopen(self) -> None:
        """Close the fence, arm it and open it, in the time that this takes; everybody hears it."""
        assert self.document.fence is not None
        self.document.fence = self.document.fence.fenced("lost").armed(self.server.run_id).opened()
        self.scheduler.clock += 2 * self.timing.grace_s + self.timing.write_deadline_s
        for process in self.processes:
            process.lease._adopt(self.document.fence, self.scheduler.clock)

    def moment(self, seconds: float) -> Callable[[], None]:
        """Return the passing of some time, all at once."""

        def effect() -> None:
            self.scheduler.clock += seconds

        return effect

    def death(self, actor: str) -> Callable[[], None]:
        """Return the death of an actor's process."""

        def effect() -> None:
            self.scheduler.abandon(actor)

        return effect


def version_of(snapshot: Snapshot) -> int:
    assert snapshot.todos is not None
    return decode_todos(snapshot.todos.body)[0].rev
