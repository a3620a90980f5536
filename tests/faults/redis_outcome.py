"""What a fault did to those who were using the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from benchmarks.coherence.history import (
    UNAUTHORIZED,
    FaultRecord,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.summary import Summary

_NS = 1_000_000_000
LEAST_READS = 100
_LEAST_FOR_P99 = 100
"""Of fewer a 99th percentile would be a guess beyond the slowest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultOutcome:
    """A fault under load: what the checker found, and every operation to measure."""

    summary: Summary
    workers: int
    stale_for_canary: int
    fault: FaultRecord
    held_ns: tuple[int, int]
    """From when until when the fault was there, begun for certain and not yet being undone."""
    operations: Sequence[RecordedOperation]
    fence_moves: int
    """How often the fence was closed."""
    counted: Mapping[str, int]
    """By slot and word of the ``Cache-Status``: how often the services answered so meanwhile."""

    @property
    def stale(self) -> int:
        """Count the reads, and accepted tokens, older than what was acknowledged (G1)."""
        return self.summary.stale + self.summary.revoked_accepted + self.stale_for_canary

    @property
    def refused_replays(self) -> int:
        """Count the requests with a revoked token that were refused since the fault began."""
        return sum(
            each.status == UNAUTHORIZED and each.invoked_ns > self.fault.started_ns
            for each in self.operations
        )

    @property
    def meanwhile(self) -> list[RecordedOperation]:
        """Return what was under way while the fault lasted."""
        fault = self.fault
        return [
            each
            for each in self.operations
            if each.invoked_ns <= fault.ended_ns and fault.started_ns <= each.returned_ns
        ]

    @property
    def longest_write(self) -> str:
        writes_s = [_took_s(each) for each in self.operations if not each.is_read]
        return f"{max(writes_s):.2f} s" if writes_s else "no write"

    @property
    def p99_read(self) -> str:
        """Say what the 99th percentile of the reads that the fault met is, if they are enough."""
        reads_s = [_took_s(each) for each in self.meanwhile if each.is_read]
        if len(reads_s) >= _LEAST_FOR_P99:
            return _ms(quantiles(reads_s, n=100)[-1])
        slowest = f", slowest {_ms(max(reads_s))}" if reads_s else ""
        return f"too few ({len(reads_s)}{slowest})"

    @property
    def recovery_s(self) -> float | None:
        """Return when, after the fault, the last process gave its first hit again."""
        first: dict[int, int] = {}
        for each in self.operations:
            if each.hit and each.invoked_ns > self.fault.ended_ns:
                first[each.worker] = min(each.returned_ns, first.get(each.worker, each.returned_ns))
        if len(first) < self.workers:
            return None
        return (max(first.values()) - self.fault.ended_ns) / _NS

    def counted_as(self, word: str) -> int:
        """Return how many slots were answered with this word in their ``Cache-Status``."""
        return sum(count for status, count in self.counted.items() if status.endswith(word))

    @property
    def misses(self) -> int:
        """Count the slots for which Redis was asked and held nothing that could be used."""
        return sum(count for status, count in self.counted.items() if "fwd=miss" in status)

    def hits_within(self, from_ns: int, until_ns: int) -> list[RecordedOperation]:
        """Return the hits that were asked for and answered between these instants."""
        return [
            each
            for each in self.operations
            if each.hit and from_ns <= each.invoked_ns and each.returned_ns <= until_ns
        ]

    @property
    def hits_meanwhile(self) -> list[RecordedOperation]:
        """Return the hits that were asked for and answered while the fault was there."""
        return self.hits_within(*self.held_ns)

    def writes_of(self, worker: int) -> list[RecordedOperation]:
        """Return what a process wrote while the fault was there."""
        from_ns, until_ns = self.held_ns
        return [
            each
            for each in self.operations
            if each.worker == worker
            and each.outcome is Outcome.OK
            and not each.is_read
            and from_ns <= each.invoked_ns
            and each.returned_ns <= until_ns
        ]

    def figures(self) -> dict[str, object]:
        """Return what a row shows."""
        summary = self.summary
        figures: dict[str, object] = {
            "checked reads": f"{summary.reads:,}",
            "hits": f"{summary.hits:,}",
            "stale": self.stale,
            "backwards": summary.backwards,
            "5xx": summary.errors,
            "longest write": self.longest_write,
            "p99 of reads meanwhile": self.p99_read,
        }
        if self.fence_moves:
            figures["fence closed"] = f"{self.fence_moves}x"
        if summary.excused:
            figures["backwards under R1"] = summary.excused
        if self.recovery_s is not None:
            figures["hits again after"] = f"{self.recovery_s:.1f} s"
        return figures


def _took_s(operation: RecordedOperation) -> float:
    return (operation.returned_ns - operation.invoked_ns) / _NS


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def assert_harmless(outcome: FaultOutcome) -> None:
    """Fail unless users noticed nothing but the time it took, and unless there were users."""
    summary = outcome.summary
    assert summary.reads >= LEAST_READS, summary
    assert any(each.is_read for each in outcome.meanwhile), "the fault met no read"
    assert outcome.stale_for_canary == 0, "the canary does not see what it wrote"
    assert outcome.stale == 0, summary.first_violation
    assert summary.backwards == 0, summary.first_violation
    assert summary.impossible == 0, summary.first_violation
    broken = [each for each in outcome.operations if not each.answered]
    assert summary.errors == 0, f"{summary.errors} answers of 500 and more, such as {broken[:1]}"
    assert summary.unanswered == 0, f"{summary.unanswered} requests without an answer"
