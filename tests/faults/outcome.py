"""What came of a fault under load, and what a row of the fault matrix shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from benchmarks.coherence.history import UNAUTHORIZED, FaultRecord, RecordedOperation
from benchmarks.coherence.summary import Summary

WORKERS = 2
_LEAST_READS = 100
_NS = 1_000_000_000
_returned_ns = attrgetter("returned_ns")

Operations = Sequence[RecordedOperation]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOutcome:
    """A fault under load: what the checker found, and every operation to measure."""

    summary: Summary
    stale_for_canary: int
    held_ns: tuple[int, int]
    """From when until when the fault was there, begun for certain and not yet being undone."""
    fence_moves: int
    """How often the fence was closed."""
    counted: Mapping[str, int]
    """By slot and word of the ``Cache-Status``: how often the services answered so meanwhile."""

    @property
    def fault(self) -> FaultRecord:
        return self.summary.history.faults[0]

    @property
    def operations(self) -> Operations:
        return self.summary.history.operations

    @property
    def refused_replays(self) -> int:
        """Count the requests with a revoked token that were refused since the fault began."""
        return len(refused(since(self.operations, self.fault.started_ns)))

    @property
    def met_reads_s(self) -> list[float]:
        """Return how long the reads took that were under way while the fault lasted."""
        fault = self.fault
        return [
            _took_s(each)
            for each in self.operations
            if each.is_read
            and each.invoked_ns <= fault.ended_ns
            and fault.started_ns <= each.returned_ns
        ]

    @property
    def recovery_s(self) -> float | None:
        """Return when, after the fault, the last process gave its first hit again."""
        first: dict[int, int] = {}
        for each in sorted(since(self.operations, self.fault.ended_ns), key=_returned_ns):
            if each.hit:
                first.setdefault(each.worker, each.returned_ns)
        return (max(first.values()) - self.fault.ended_ns) / _NS if len(first) == WORKERS else None

    def counted_with(self, words: str) -> int:
        """Return how many slots were answered with these words in their ``Cache-Status``."""
        return sum(count for status, count in self.counted.items() if words in status)

    def within(self, from_ns: int, until_ns: int) -> list[RecordedOperation]:
        """Return what was asked for and answered between these instants."""
        return [
            each
            for each in self.operations
            if from_ns <= each.invoked_ns and each.returned_ns <= until_ns
        ]

    @property
    def hits_meanwhile(self) -> list[RecordedOperation]:
        """Return the hits that were asked for and answered while the fault was there."""
        return [each for each in self.within(*self.held_ns) if each.hit]

    def figures(self) -> dict[str, object]:
        """Return what a row shows."""
        summary = self.summary
        writes_s = [_took_s(each) for each in self.operations if not each.is_read]
        figures: dict[str, object] = {
            "checked reads": f"{summary.reads:,}",
            "hits": f"{summary.hits:,}",
            "longest write": f"{max(writes_s, default=0.0):.2f} s",
            "slowest read meanwhile": f"{max(self.met_reads_s, default=0.0):.2f} s",
        }
        if self.fence_moves:
            figures["fence closed"] = f"{self.fence_moves}x"
        if self.recovery_s is not None:
            figures["hits again after"] = f"{self.recovery_s:.1f} s"
        return figures

    def assert_harmless(self) -> None:
        """Fail unless users noticed nothing but the time it took, and unless there were users."""
        summary = self.summary
        assert summary.reads >= _LEAST_READS, summary.figures
        assert self.met_reads_s, "the fault met no read"
        assert self.stale_for_canary == 0, "the canary does not see what it wrote"
        assert summary.violations == 0, summary.first_violation or summary.figures
        broken = [each for each in self.operations if not each.answered]
        assert not broken, f"{len(broken)} without an answer below 500, such as {broken[0]}"


def _took_s(operation: RecordedOperation) -> float:
    return (operation.returned_ns - operation.invoked_ns) / _NS


def since(operations: Operations, since_ns: int) -> Operations:
    return [each for each in operations if each.invoked_ns > since_ns]


def refused(seen: Operations) -> Operations:
    return [each for each in seen if each.status == UNAUTHORIZED]
