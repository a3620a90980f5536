"""Steps that a test chooses, for what takes longer than a search can be wide: recovery."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.coherence.fence import State
from tests.interleaving.deployment import Code, InterleavedDeployment, InterleavedProcess
from tests.interleaving.scheduler import TIME, Scheduler
from tests.interleaving.search import running

_TICKS = 100


class Driver:
    """A deployment, and the words to move it with."""

    def __init__(self, scheduler: Scheduler, code: Code, *, linear: bool) -> None:
        self.scheduler = scheduler
        self.deployment = InterleavedDeployment(scheduler, code, linear)
        self.steps: list[str] = []

    def step(self, *beginnings: str) -> None:
        """Take steps, each named by its beginning."""
        for words in beginnings:
            found = [each for each in self.scheduler.choices() if each.startswith(words)]
            assert found, f"{words!r} is not among {self.scheduler.choices()}"
            self.steps.append(found[0])
            self.scheduler.perform(found[0])

    def all_of(self, actor: str) -> None:
        """Let an actor go on for as long as it can without time passing."""
        while mine := self._next(actor):
            self.step(mine)

    def all_of_but(self, actor: str, last: str) -> None:
        """Let an actor go on as far as to this, and no further."""
        while (mine := self._next(actor)) and mine != f"{actor} {last}":
            self.step(mine)

    def _next(self, actor: str) -> str:
        return next((each for each in self.scheduler.choices() if each.startswith(f"{actor} ")), "")

    def to_the_end(self, actor: str) -> None:
        """Let an actor go on to its end, however long it sleeps."""
        while any(each.startswith(f"{actor} ") for each in self.scheduler.waiting):
            if not self._next(actor):
                self.step(TIME)
            self.all_of(actor)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.scheduler.clock += seconds
        if self.steps and self.steps[-1].endswith(" s pass"):
            seconds += float(self.steps.pop().split()[0])
        self.steps.append(f"{seconds:.2f} s pass")

    def recover(self, process: InterleavedProcess) -> State:
        """Let a process's monitor take one step; return the state of the fence then."""
        self.deployment.does("H", process.monitor.step)
        self.all_of("H")
        assert self.deployment.document.fence is not None
        return self.deployment.document.fence.state

    def heal_until(
        self, process: InterleavedProcess, state: State, *, every_s: float = 0.3
    ) -> None:
        """Let the monitor work until the fence is in this state."""
        for _ in range(_TICKS):
            if self.recover(process) is state:
                return
            self.wait(every_s)
        raise AssertionError(f"never {state}")

    def processes(self, count: int) -> list[InterleavedProcess]:
        return [self.deployment.process() for _ in range(count)]

    def renew(self, process: InterleavedProcess) -> None:
        self.deployment.does("L", process.lease.renew)
        self.all_of("L")

    def read(self, name: str, process: InterleavedProcess) -> None:
        """Let somebody read from beginning to end, the fill included."""
        self.deployment.reader(name, process)
        self.all_of(name)

    def read_all_but_fill(self, name: str, process: InterleavedProcess) -> None:
        """Let somebody read, but be slow to fill."""
        self.deployment.reader(name, process)
        self.all_of_but(name, "fill")

    def write(self, name: str, process: InterleavedProcess) -> None:
        self.deployment.writer(name, process)
        self.to_the_end(name)

    def description(self) -> str:
        """Return what was violated and the steps that led there."""
        return " > ".join((*self.steps, self.scheduler.violation))


@contextmanager
def driving(code: Code | None = None, *, linear: bool = True, faults: int = 0) -> Iterator[Driver]:
    """Open an empty scheduler; everybody finishes in the end."""
    scheduler = Scheduler(faults=faults)
    with running(scheduler):
        yield Driver(scheduler, code or Code(), linear=linear)
