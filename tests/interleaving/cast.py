"""Who takes part in a play: processes made of the real code, readers, a writer, and mishaps."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from service.adapters.database import DatabaseRepository
from service.codec import decode_todos, encode_todos, pack_todos
from service.coherence.cache import Marks
from service.coherence.control import FenceControl
from service.coherence.entries import Entries
from service.coherence.fence import Fence, State
from service.coherence.lease import Lease
from service.coherence.reads import FencedReads
from service.coherence.recovery import RecoveryMonitor
from service.coherence.repository import FencedRepository
from service.coherence.timing import Timing
from service.coherence.uncached import NullCache, UncachedRepository
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, Snapshot, TodoChange, TodoList
from service.errors import Unavailable
from service.ports import Repository
from tests.fakes import FakeUsers
from tests.interleaving.server import Held, Server
from tests.interleaving.stage import ACTOR, Part, Stage
from tests.interleaving.stores import (
    TODO,
    USER,
    FenceDocument,
    SteppedCache,
    SteppedFence,
    SteppedTodos,
)

TTL_S = 300.0
LIST = (CachedValue.TODOS,)


@dataclass(frozen=True, slots=True)
class Code:
    """The classes that a play is made of: the shipped ones, or a mutant in the place of one."""

    lease: type[Lease] = Lease
    reads: type[FencedReads] = FencedReads
    writes: type[FencedWrites] = FencedWrites
    healer: type[RecoveryMonitor] = RecoveryMonitor
    cache: type[SteppedCache] = SteppedCache


@dataclass
class History:
    """The newest version that was acknowledged and the newest that a read returned."""

    stage: Stage
    linear: bool
    acknowledged: int = 0
    returned: int = 0
    events: list[str] = field(default_factory=list)

    def floor(self) -> int:
        """Return what a read that starts now must not fall below."""
        self.stage.reads(Part.HISTORY)
        return max(self.acknowledged, self.returned) if self.linear else self.acknowledged

    def acknowledge(self, version: int) -> None:
        """Note that a write was acknowledged."""
        self.events.append(f"acknowledged {version}")
        self.stage.writes(Part.HISTORY)
        self.acknowledged = max(self.acknowledged, version)

    def give(self, name: str, version: int, floor: int) -> None:
        """Note that a read returned a version."""
        self.events.append(f"{name} {version} of {floor}")
        if version < floor and not self.stage.violation:
            self.stage.violation = f"version {version} after {floor}"
        if self.linear:
            self.stage.reads(Part.HISTORY)
            if version > self.returned:
                self.stage.writes(Part.HISTORY)
                self.returned = version


@dataclass
class Process:
    """One service process: a lease of its own, over the stores that all share."""

    store: SteppedFence
    lease: Lease
    repository: Repository
    control: FenceControl
    healer: RecoveryMonitor


@dataclass
class Deployment:
    """The stores of a play, and the processes that were started on them."""

    stage: Stage
    code: Code = field(default_factory=Code)
    linear: bool = True
    timing: Timing = field(default_factory=Timing)
    enabled: bool = True

    def __post_init__(self) -> None:
        self.history = History(self.stage, self.linear)
        self.server = Server(self.stage)
        fence = Fence("d", 1, State.ON, 1, self.server.run_id, self.enabled)
        self.document = FenceDocument(fence)
        self.todos = SteppedTodos(self.stage)
        self.plain = DatabaseRepository(FakeUsers(), self.todos)
        self.processes: list[Process] = []

    def warm(self) -> None:
        """Put the present version into the cache."""
        assert self.document.fence is not None
        body = encode_todos((self.todos.todo,))
        entry = pack_todos(USER, TodoList(body, None))
        held = Held("V", entry, self.stage.clock + TTL_S)
        self.server.cell(self.document.fence).slots[CachedValue.TODOS] = held

    def process(
        self, *, leased: bool = True, with_redis: bool = True, slow: bool = False
    ) -> Process:
        """Start a process; ``leased`` gives it the fence as it is now."""
        stage, part = self.stage, Part.LEASE << len(self.processes)

        def clock() -> float:
            stage.reads(Part.CLOCK | part)
            return stage.clock

        store = SteppedFence(stage, self.document, part, slow=slow)
        lease = self.code.lease(store, self.timing, clock=clock, sleep=stage.sleep)
        if leased and self.document.fence is not None:
            lease._adopt(self.document.fence, stage.clock)
        entries = Entries({CachedValue.TODOS: TTL_S}, clock=lambda: stage.clock, jitter=lambda: 1.0)
        cache = self.code.cache(self.server, self.timing)
        marks: Marks = cache if with_redis else NullCache()
        writes = self.code.writes(lease, marks)
        reads = self.code.reads(self.plain, lease, cache, entries, sleep=stage.pause)
        repository = (
            FencedRepository(self.plain, reads, writes)
            if with_redis
            else UncachedRepository(self.plain, writes)
        )
        healer = self.code.healer(lease, self.probe, clock=clock, sleep=stage.sleep)
        self.processes.append(Process(store, lease, repository, FenceControl(lease), healer))
        return self.processes[-1]

    async def probe(self) -> str:
        """Return the server's run id, as the healer asks for it."""
        self.stage.reads(Part.CACHE)
        if not self.server.answers or self.server.hangs:
            raise ConnectionError
        return self.server.run_id

    def reader(self, name: str, process: Process, *, times: int = 1) -> None:
        """Let somebody read, and perhaps again."""

        async def work() -> None:
            for number in range(times):
                # What a read still has to fill when the next begins has a name of its own.
                ACTOR.set(name + "'" * number)
                floor = await self.stage.point("starts", self.history.floor)
                snapshot = await process.repository.read(USER, LIST)
                self.history.give(name, version_of(snapshot), floor)

        self.stage.enter(name, work())

    def writer(self, name: str, process: Process) -> None:
        """Let somebody write once; what fails is not acknowledged."""

        async def work() -> None:
            await self.stage.point("starts", lambda: None)
            try:
                async with process.repository.write(USER, *LIST):
                    todo = await self.todos.update(USER, TODO, TodoChange({}))
            except Unavailable:
                return
            self.history.acknowledge(todo.rev)

        self.stage.enter(name, work())

    def happens(self, name: str, *effects: Callable[[], object]) -> None:
        """Let these things happen one after the other, each at any moment."""

        async def work() -> None:
            for number, effect in enumerate(effects):
                await self.stage.point(f"step {number}", effect)

        self.stage.enter(name, work())

    def does(self, name: str, work: Callable[[], Coroutine[None, None, object]]) -> None:
        """Let somebody do something; they begin at once, and are as slow as they like."""
        self.stage.enter(name, work())

    def moment(self, seconds: float) -> Callable[[], None]:
        """Return the passing of some time, all at once."""

        def effect() -> None:
            self.stage.writes(Part.CLOCK)
            self.stage.clock += seconds

        return effect

    def death(self, actor: str) -> Callable[[], None]:
        """Return the death of an actor's process."""

        def effect() -> None:
            self.stage.writes(Part.WRITER)
            self.stage.abandon(actor)

        return effect


def version_of(snapshot: Snapshot) -> int:
    """Return the version in an answer."""
    assert snapshot.todos is not None
    return decode_todos(snapshot.todos.body)[0].rev
