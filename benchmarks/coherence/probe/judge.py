"""From the history of a probe to its figures: pure."""

from collections import Counter

from benchmarks.coherence.verify.checker import Breach, check
from benchmarks.coherence.verify.history import FIRST_SERVER_ERROR, NO_ANSWER, History
from benchmarks.coherence.verify.report import describe
from benchmarks.storage.records import Coherence

_NS = 1_000_000_000


def judge(history: History, *, variant: str) -> Coherence:
    """Check every read of a history without faults and count what is wrong."""
    verdict = check(history)
    operations = history.operations
    breaches = Counter(finding.breach for finding in verdict.findings)
    first = min(
        verdict.findings,
        # What was promised most plainly comes first: older than an acknowledged write.
        key=lambda each: (each.breach is not Breach.STALE, each.operation.returned_ns),
        default=None,
    )
    started_ns = min((each.invoked_ns for each in operations), default=0)
    ended_ns = max((each.returned_ns for each in operations), default=0)
    return Coherence(
        variant=variant,
        seconds=(ended_ns - started_ns) / _NS,
        reads=verdict.reads,
        hits=sum(each.hit for each in operations if each.is_read and each.answered),
        writes=sum(not each.is_read and each.answered for each in operations),
        stale=breaches[Breach.STALE],
        backwards=breaches[Breach.BACKWARDS],
        impossible=breaches[Breach.IMPOSSIBLE],
        errors=sum(
            each.status == NO_ANSWER or each.status >= FIRST_SERVER_ERROR for each in operations
        ),
        first=describe(first) if first else "",
    )
