"""Was anybody shown an old list? Counted in the recorded history, by the checker of ``verify``."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.coherence.race.recording import PROCESSES, Recording
from benchmarks.coherence.verify.checker import Breach, check
from benchmarks.coherence.verify.history import History
from benchmarks.runner.job import FINE, INCONCLUSIVE, NOT_HELD

CAUGHT = "naive"
"""The variant that has to be caught, or the play has shown nothing."""
_OURS = frozenset({"ours", "reference"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceVerdict:
    """What a recording shows.

    ``stale`` holds the numbers of the operations that began after the write was acknowledged and
    were answered with what was before; ``reads`` counts those that began after it.
    """

    reads: int
    stale: tuple[int, ...]
    other: int = 0
    """Answers that are wrong in another way, which nothing in this play explains."""

    @property
    def is_stale(self) -> bool:
        """Tell whether an answer was older than it may be."""
        return bool(self.stale)


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
    if not verdict.is_stale:
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
    if any(each.variant == CAUGHT and not found.stale for each, found in verdicts):
        return INCONCLUSIVE
    return FINE
