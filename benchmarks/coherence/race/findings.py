"""A race as it was recorded, what clients were answered and servers held, and what that shows.

A recording is data alone. Everything that is said of it (the verdict, the figure, the tables) is
computed from it, so that a stored one says the same as the one that was just made. All its instants
are nanoseconds of one clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.analysis.header import RunEnvironment
from benchmarks.coherence.checker import Breach, check
from benchmarks.coherence.history import History, OperationKind, RecordedOperation
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.runner.ending import FINE, INCONCLUSIVE, NOT_HELD

SCHEMA = "fivefold.race/3"
BEFORE, AFTER = "before", "after"
"""The heading of the todo: as it was created, and as the write leaves it."""


class RaceStep(StrEnum):
    """The steps of the race, in their order."""

    PREPARE = "prepare"
    READ = "read"
    WRITE = "write"
    DELIVER = "deliver"
    READ_AGAIN = "read-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The contents of the servers when a step was over."""

    step: RaceStep
    at_ns: int
    mongodb: str
    """The heading of the todo."""
    redis: str
    """The heading in the list, or what is in its place."""
    expires_s: float | None = None
    """For how long Redis would keep that, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One race of one variant."""

    variant: str
    operations: tuple[RecordedOperation, ...]
    """The requests and answers of the clients: the verdict looks at nothing else."""
    states: tuple[ServerState, ...]
    held_ns: int | None = None
    """When the proxy held what process A stores, None if it stores nothing."""
    arrived_ns: int | None = None
    """When the proxy let it go."""

    def state_after(self, step: RaceStep) -> ServerState:
        """Return what the servers held after a step; raises ``KeyError`` without such a step."""
        return {state.step: state for state in self.states}[step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """The same race, run by each of some variants, and on which servers."""

    schema: str = SCHEMA
    environment: RunEnvironment
    recordings: tuple[Recording, ...]

    def of(self, variant: str) -> Recording:
        """Return the recording of a variant; raises ``KeyError`` if it did not take part."""
        return {recording.variant: recording for recording in self.recordings}[variant]


CONTROL = "naive"
"""The variant that has to be caught, or the race has shown nothing."""
TITLES: Mapping[RaceStep, str] = {
    RaceStep.PREPARE: "The list is not in the cache",
    RaceStep.READ: "A misses, reads the database, and stores",
    RaceStep.WRITE: "B writes, and acknowledges",
    RaceStep.DELIVER: "What A stored arrives",
    RaceStep.READ_AGAIN: "A later reader reads",
}
"""The subject of each step."""
PROCESSES = ("process A", "process B")
"""The service processes, by their number in a history."""
READER, PROXY, REDIS, WRITER = "reader", "proxy", "Redis", "writer"
_OURS = frozenset({"cached", "uncached"})
_HEADINGS = {1: BEFORE, 2: AFTER}
"""The heading of each revision of the todo."""
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceVerdict:
    """The findings of a recording.

    ``stale`` are the reads that began after the write was acknowledged and were answered with what
    was before; ``reads`` counts those that began after it.
    """

    reads: int
    stale: tuple[RecordedOperation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceMessage:
    """One message; ``at_ms`` counts from the first request, ``stale`` marks an old answer."""

    at_ms: float
    sender: str
    receiver: str
    said: str
    stale: bool = False


def judge(recording: Recording) -> RaceVerdict:
    """Check the recorded history; a read that overlaps the write may see either value."""
    operations = recording.operations
    findings = check(History(operations=operations))
    stale = [each.operation for each in findings if each.breach is Breach.STALE]
    acknowledged_ns = max(each.returned_ns for each in operations if not each.is_read)
    return RaceVerdict(
        reads=sum(each.is_read and each.invoked_ns > acknowledged_ns for each in operations),
        stale=tuple(stale),
    )


def sentence(recording: Recording) -> str:
    """Return what a recording shows, with its numbers."""
    verdict = judge(recording)
    asked = f"{verdict.reads} reads that began after the write was acknowledged"
    if not verdict.stale:
        return f"{recording.variant}: 0 of {asked} were stale."
    where = ", ".join(PROCESSES[each.worker] for each in verdict.stale)
    return f"{recording.variant}: {len(verdict.stale)} of {asked} were stale (at {where})."


def exit_code(recordings: Iterable[Recording]) -> int:
    """Return 1 when ours or the reference was stale, 3 when naive was not caught, else 0.

    What another rival does is a finding, not a failure.
    """
    verdicts = [(recording, judge(recording)) for recording in recordings]
    if any(each.variant in _OURS and found.stale for each, found in verdicts):
        return NOT_HELD
    if any(each.variant == CONTROL and not found.stale for each, found in verdicts):
        return INCONCLUSIVE
    return FINE


def messages(recording: Recording) -> Mapping[RaceStep, list[RaceMessage]]:
    """Return the messages of each step, in their order.

    What is still under way when the next step begins belongs to that one.
    """
    begins_ns = min(each.invoked_ns for each in recording.operations)
    ends_ms = {each.step: (each.at_ns - begins_ns) / _NS_PER_MS for each in recording.states}
    found: dict[RaceStep, list[RaceMessage]] = {step: [] for step in ends_ms}
    for message in sorted(_messages(recording, begins_ns), key=lambda each: each.at_ms):
        found[next(step for step in ends_ms if message.at_ms <= ends_ms[step])].append(message)
    return found


def _messages(recording: Recording, begins_ns: int) -> Iterator[RaceMessage]:
    def at(
        instant_ns: int, sender: str, receiver: str, said: str, *, stale: bool = False
    ) -> RaceMessage:
        at_ms = (instant_ns - begins_ns) / _NS_PER_MS
        return RaceMessage(at_ms=at_ms, sender=sender, receiver=receiver, said=said, stale=stale)

    stale = judge(recording).stale
    for each in recording.operations:
        client, process = READER if each.is_read else WRITER, PROCESSES[each.worker]
        is_stale = each in stale
        yield at(each.invoked_ns, client, process, _asked(each))
        yield at(each.returned_ns, process, client, _answered(each), stale=is_stale)
    if recording.held_ns is not None and recording.arrived_ns is not None:
        yield at(recording.held_ns, PROCESSES[0], PROXY, "the list to be stored, which is held")
        yield at(recording.arrived_ns, PROXY, REDIS, "the list that was held")


def _asked(operation: RecordedOperation) -> str:
    if operation.is_read:
        return operation.kind
    heading = BEFORE if operation.kind is OperationKind.CREATE else AFTER
    return f"{operation.kind}, heading: {heading}"


def _answered(operation: RecordedOperation) -> str:
    if not operation.is_read:
        return f"{operation.status}: acknowledged"
    shown = [_HEADINGS.get(revision, str(revision)) for revision in operation.revisions.values()]
    source = ", from the cache" if operation.hit else ""
    return f"{operation.status}: {', '.join(shown) or 'no todo'}{source}"


def events(recording: Recording, *steps: RaceStep) -> Table:
    """Return what was said in these steps, or in all."""
    rows = [
        [ms(each.at_ms), each.sender, each.receiver, each.said + (", STALE" if each.stale else "")]
        for step, said in messages(recording).items()
        for each in said
        if not steps or step in steps
    ]
    return Table(["ms", "from", "to", "says"], rows)


def states(recording: Recording) -> Table:
    """Return what the servers held after each step."""
    rows = [[TITLES[each.step], each.mongodb, in_redis(each)] for each in recording.states]
    return Table(["after the step", "MongoDB has", "Redis has"], rows)


def in_redis(state: ServerState) -> str:
    """Return what Redis holds of the list, and for how long if it is old."""
    if is_old(state) and state.expires_s is not None:
        return f"{state.redis}, for {state.expires_s:.0f} s more"
    return state.redis


def is_old(state: ServerState) -> bool:
    """Tell whether Redis holds another list than the database."""
    return state.redis == BEFORE != state.mongodb


def conclusion(race: Race) -> str:
    """Return what the race has shown, and what it has not."""
    said = [sentence(recording) for recording in race.recordings]
    control = [judge(each) for each in race.recordings if each.variant == CONTROL]
    if not control:
        said.append(f"{CONTROL} did not take part, so nothing shows that the race was noticed.")
    elif not control[0].stale:
        said.append(f"{CONTROL} was not caught: this play has shown nothing.")
    return " ".join(said)
