"""The findings of a recorded race: its verdict, in words and in tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.coherence.checker import Breach, check
from benchmarks.coherence.history import History
from benchmarks.coherence.race.commands import LIST
from benchmarks.coherence.race.recording import (
    BEFORE,
    PROCESSES,
    Delivery,
    Event,
    Race,
    RaceStep,
    Recording,
    ServerState,
)
from benchmarks.report.figures import ms
from benchmarks.report.page import Table
from benchmarks.runner.ending import FINE, INCONCLUSIVE, NOT_HELD

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
_OURS = frozenset({"ours", "reference"})
_PREFIXES = {Delivery.HELD: "held on its way: ", Delivery.ARRIVED: "arrives late: "}


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceVerdict:
    """The findings of a recording.

    ``stale`` holds the numbers of the operations that began after the write was acknowledged and
    were answered with what was before; ``reads`` counts those that began after it.
    """

    reads: int
    stale: tuple[int, ...]
    other: int = 0
    """Answers that are wrong in another way, which nothing in this race explains."""


def judge(recording: Recording) -> RaceVerdict:
    """Check the recorded history; a read that overlaps the write may see either value."""
    operations = recording.operations
    findings = check(History(operations=operations)).findings
    stale = [each.operation for each in findings if each.breach is Breach.STALE]
    acknowledged_ns = max(each.returned_ns for each in operations if not each.is_read)
    return RaceVerdict(
        reads=sum(each.is_read and each.invoked_ns > acknowledged_ns for each in operations),
        stale=tuple(number for number, each in enumerate(operations) if each in stale),
        other=len(findings) - len(stale),
    )


def sentence(recording: Recording) -> str:
    """Return what a recording shows, with its numbers."""
    verdict = judge(recording)
    asked = f"{verdict.reads} reads that began after the write was acknowledged"
    if not verdict.stale:
        return f"{recording.variant}: 0 of {asked} were stale."
    where = ", ".join(
        f"process {PROCESSES[recording.operations[number].worker]}" for number in verdict.stale
    )
    return f"{recording.variant}: {len(verdict.stale)} of {asked} were stale (at {where})."


def exit_code(recordings: Iterable[Recording]) -> int:
    """Return 1 when ours or the reference was wrong, 3 when naive was not caught, else 0.

    What another rival does is a finding, not a failure.
    """
    verdicts = [(recording, judge(recording)) for recording in recordings]
    if any(each.kind in _OURS and (found.stale or found.other) for each, found in verdicts):
        return NOT_HELD
    if any(each.variant == CONTROL and not found.stale for each, found in verdicts):
        return INCONCLUSIVE
    return FINE


def events(recording: Recording, *steps: RaceStep) -> Table:
    """Return what was said in these steps, or in all."""
    stale = judge(recording).stale
    rows = [
        [ms(each.at_ms), each.actor, each.to, _said(each, stale=each.operation in stale)]
        for each in recording.events
        if not steps or each.step in steps
    ]
    return Table(["ms", "from", "to", "says"], rows)


def states(recording: Recording) -> Table:
    """Return what the servers held after each step."""
    rows = [[TITLES[each.step], each.mongodb, in_redis(each)] for each in recording.states]
    return Table(["after the step", "MongoDB has", "Redis has"], rows)


def in_redis(state: ServerState) -> str:
    """Return what Redis holds of the list, a mark beside it, and for how long it holds what is old.

    What the todo's list holds is ``before`` or ``after``, as in the database, or what stands in
    its place.
    """
    said = state.redis.get(LIST, "nothing")
    if "writers" in state.redis:
        said += ", and a writer's mark"
    if is_old(state) and state.expires_s is not None:
        said += f", for {state.expires_s:.0f} s more"
    return said


def is_old(state: ServerState) -> bool:
    """Tell whether Redis holds another list than the database."""
    return state.redis.get(LIST) == BEFORE != state.mongodb


def conclusion(race: Race) -> str:
    """Return what the race has shown, and what it has not."""
    said = [sentence(recording) for recording in race.recordings]
    control = [judge(each) for each in race.recordings if each.variant == CONTROL]
    if not control:
        said.append(f"{CONTROL} did not take part, so nothing shows that the race was noticed.")
    elif not control[0].stale:
        said.append(f"{CONTROL} was not caught: this play has shown nothing.")
    return " ".join(said)


def _said(event: Event, *, stale: bool) -> str:
    return f"{_PREFIXES.get(event.delivery, '')}{event.said}{', STALE' if stale else ''}"
