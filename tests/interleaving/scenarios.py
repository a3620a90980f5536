"""One writer, two readers, and one thing that goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.interleaving.deployment import Code, InterleavedDeployment
from tests.interleaving.scheduler import Scheduler
from tests.interleaving.search import SearchResult, every_schedule

Mishap = Callable[[InterleavedDeployment], object]


def nothing(_: InterleavedDeployment) -> None:
    """Let nothing go wrong."""


def outage(deployment: InterleavedDeployment) -> None:
    server = deployment.server
    deployment.happens("outage", lambda: server.go(answers=False), lambda: server.go(answers=True))


def hang(deployment: InterleavedDeployment) -> None:
    """Let the server hang for a while and then execute what it was sent."""
    deployment.happens("hang", deployment.server.hang, deployment.server.go_on)


def restart(deployment: InterleavedDeployment) -> None:
    """Let the server come back with an old dump."""
    deployment.happens("restart", deployment.server.save, deployment.server.restart)


def eviction(deployment: InterleavedDeployment) -> None:
    """Let the server evict values and fill tokens."""
    deployment.happens("eviction", deployment.server.forget)


def flush(deployment: InterleavedDeployment) -> None:
    """Let the server lose everything, marks as well."""
    deployment.happens("flush", lambda: deployment.server.forget(marks=True))


def garbage(deployment: InterleavedDeployment) -> None:
    deployment.happens("garbage", deployment.server.spoil)


def death(deployment: InterleavedDeployment) -> None:
    deployment.happens("death", deployment.death("W"))


def lease_end(deployment: InterleavedDeployment) -> None:
    """Let every lease run out at once, in the middle of everything."""
    deployment.happens("time", deployment.moment(deployment.timing.lease_s))


def operator_drops(deployment: InterleavedDeployment) -> None:
    """Let somebody give the namespace up, from the readers' process."""
    deployment.does("operator", deployment.processes[-1].control.drop)


def operator_switches(*, enabled: bool) -> Mishap:
    """Have an operator turn reads on or off, from the readers' process."""

    def mishap(deployment: InterleavedDeployment) -> None:
        control = deployment.processes[-1].control
        deployment.does("operator", lambda: control.switch(enabled=enabled))

    return mishap


def outage_that_closes(deployment: InterleavedDeployment) -> None:
    """Let the server be away, and the fence come back after it with another namespace."""
    server = deployment.server
    deployment.happens(
        "outage",
        lambda: server.go(answers=False),
        lambda: server.go(answers=True),
        deployment.reopen,
    )


def namespace_change(deployment: InterleavedDeployment) -> None:
    """Let the fence close, arm and open, however long a commit takes meanwhile."""
    deployment.happens("recovery", deployment.reopen)


def recovery(deployment: InterleavedDeployment) -> None:
    """Let the readers' monitor open a fence that everybody has known to be closed for long."""
    document = deployment.document
    assert document.fence is not None
    document.fence = document.fence.fenced("lost")
    for process in deployment.processes:
        process.lease._adopt(document.fence, deployment.scheduler.clock)
        process.lease._seen_at = 0.0
    monitor = deployment.processes[-1].monitor
    monitor._answering = deployment.server.run_id, 0.0
    deployment.monitors(monitor, steps=3)
    timing = deployment.timing
    deployment.happens("time", deployment.moment(timing.grace_s + timing.write_deadline_s))


def recovery_at_once(deployment: InterleavedDeployment) -> None:
    """Let a monitor see that the fence was closed a moment ago, which readers have not heard."""
    document = deployment.document
    assert document.fence is not None
    document.fence = document.fence.fenced("lost")
    deployment.monitors(deployment.process().monitor, steps=2)


def fence_removal(deployment: InterleavedDeployment) -> None:
    """Let the fence's document be gone as the readers' process starts."""
    deployment.document.fence = None
    starting, run_id = deployment.processes[-1].lease, deployment.server.run_id
    deployment.does("S", lambda: starting.start(run_id))


@dataclass(frozen=True, slots=True)
class InterleavedScenario:
    """Who is where, and what goes wrong.

    The writer runs in process 0; ``readers`` holds the process of each reader, who reads so many
    ``times``. The database answers ``slow`` processes of the fence at any moment. ``faults``
    single commands may fail. ``linear`` checks G2, else G1.
    """

    mishap: Mishap = nothing
    readers: tuple[int, ...] = (0, 1)
    times: int = 1
    slow: frozenset[int] = frozenset()
    warm: bool = True
    faults: int = 0
    linear: bool = True
    unleased: frozenset[int] = frozenset()
    without_redis: frozenset[int] = frozenset()
    enabled: bool = True
    kinds: tuple[str, ...] = ("lost", "half", "late")
    code: Code = field(default_factory=Code)

    def __call__(self, scheduler: Scheduler) -> None:
        """Set the scheduler."""
        scheduler.kinds = self.kinds
        deployment = InterleavedDeployment(scheduler, self.code, self.linear, enabled=self.enabled)
        if self.warm:
            deployment.warm()
        for number in range(max(self.readers) + 1):
            deployment.process(
                leased=number not in self.unleased,
                with_redis=number not in self.without_redis,
                slow=number in self.slow,
            )
        deployment.writer("W", deployment.processes[0])
        for number, process in enumerate(self.readers):
            deployment.reader(f"R{number}", deployment.processes[process], times=self.times)
        self.mishap(deployment)

    def run(self) -> SearchResult:
        return every_schedule(self, faults=self.faults)
