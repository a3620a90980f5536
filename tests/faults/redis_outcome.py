"""What a fault did to those who were using the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from benchmarks.verify.history import UNAUTHORIZED, FaultRecord, Operation
from benchmarks.verify.report import Summary

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A fault under load: what the checker found, and every operation to measure."""

    summary: Summary
    workers: int
    stale_for_witness: int
    fault: FaultRecord
    operations: Sequence[Operation]
    fence_moves: int
    """How often the fence was closed."""
    counted: Mapping[str, int]
    """By slot and word of the ``Cache-Status``: how often the services answered so meanwhile."""

    @property
    def stale(self) -> int:
        """Count the reads, and accepted tokens, older than what was acknowledged (G1)."""
        return self.summary.stale + self.summary.revoked_accepted + self.stale_for_witness

    @property
    def refused_replays(self) -> int:
        """Count the requests with a revoked token that were refused since the fault began."""
        return sum(
            each.status == UNAUTHORIZED and each.invoked_ns > self.fault.started_ns
            for each in self.operations
        )

    @property
    def meanwhile(self) -> list[Operation]:
        """Return what was under way while the fault lasted."""
        fault = self.fault
        return [
            each
            for each in self.operations
            if each.invoked_ns <= fault.ended_ns and fault.started_ns <= each.returned_ns
        ]

    @property
    def longest_write_s(self) -> float:
        """Return how long the slowest write took."""
        return max(_took_s(each) for each in self.operations if not each.is_read)

    @property
    def p99_read_s(self) -> float:
        """Return the 99th percentile of the reads that the fault met."""
        return quantiles([_took_s(each) for each in self.meanwhile if each.is_read], n=100)[-1]

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
        return sum(count for told, count in self.counted.items() if told.endswith(word))

    @property
    def misses(self) -> int:
        """Count the slots for which Redis was asked and held nothing that could be used."""
        return sum(count for told, count in self.counted.items() if "fwd=miss" in told)

    def hits_from(self, from_ns: float) -> int:
        """Count the hits between this instant and the time when the fault began to be undone."""
        until_ns = self.instant_ns(0.9)
        return sum(
            each.hit and from_ns <= each.invoked_ns and each.returned_ns <= until_ns
            for each in self.operations
        )

    def instant_ns(self, share: float) -> float:
        """Return when this share of the fault's time was over."""
        started_ns = self.fault.started_ns
        return started_ns + share * (self.fault.ended_ns - started_ns)

    def first_write_of(self, worker: int) -> int:
        """Return when a process had first finished a write that the fault met, in nanoseconds."""
        return min(
            each.returned_ns
            for each in self.meanwhile
            if each.worker == worker
            and not each.is_read
            and each.invoked_ns > self.fault.started_ns
        )

    def figures(self) -> dict[str, object]:
        """Return what a row shows."""
        summary = self.summary
        figures: dict[str, object] = {
            "checked reads": f"{summary.reads:,}",
            "hits": f"{summary.hits:,}",
            "stale": self.stale,
            "backwards": summary.backwards,
            "5xx": summary.errors,
            "longest write": f"{self.longest_write_s:.2f} s",
            "p99 of reads meanwhile": f"{self.p99_read_s * 1000:.0f} ms",
        }
        if self.fence_moves:
            figures["fence closed"] = f"{self.fence_moves}x"
        if summary.excused:
            figures["backwards under R1"] = summary.excused
        if self.recovery_s is not None:
            figures["hits again after"] = f"{self.recovery_s:.1f} s"
        return figures


def _took_s(operation: Operation) -> float:
    return (operation.returned_ns - operation.invoked_ns) / _NS
