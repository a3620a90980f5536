"""The figures of a history: what was done, what was wrong, and the first of it as a sentence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from benchmarks.coherence.checker import Breach, Violation, check
from benchmarks.coherence.history import (
    FIRST_SERVER_ERROR,
    GONE,
    NO_ANSWER,
    History,
    RecordedOperation,
    is_token,
)
from benchmarks.runner.ending import FINE, INCONCLUSIVE, NOT_HELD

LEAST_HIT_RATIO = 0.05
_NS = 1_000_000_000
# How long after a service process went on its requests may still miss their deadline.
_AFTERMATH_NS = 2 * _NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a run."""

    history: History
    variant: str
    operations: int
    reads: int
    hits: int
    faults: Mapping[str, int]
    stale: int
    revoked_accepted: int
    backwards: int
    impossible: int
    errors: int
    """Answers of 500 and more that no stopped service process explains."""
    errors_of_stopped: int
    unanswered: int
    first_violation_s: float | None
    first_violation: str
    seconds: float

    @property
    def figures(self) -> Mapping[str, object]:
        """Return all that a program needs, without what was asked and answered."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        del own["history"]
        return own | {name: getattr(self, name) for name in ("violations", "hit_ratio")}

    @property
    def violations(self) -> int:
        """Count everything that the promise rules out."""
        wrong = self.stale + self.revoked_accepted + self.backwards + self.impossible
        return wrong + self.errors

    @property
    def hit_ratio(self) -> float:
        """Return the share of the checked reads that the cache answered."""
        return self.hits / self.reads if self.reads else 0.0

    @property
    def exit_code(self) -> int:
        """Return 1 for violations, 3 for a run that proves nothing, else 0."""
        if self.violations:
            return NOT_HELD
        proves = self.faults and self.hit_ratio >= LEAST_HIT_RATIO and all(self.history.given)
        return FINE if proves else INCONCLUSIVE


def summarize(history: History, *, variant: str = "") -> Summary:
    """Check every read of a run, and count what it did and what is wrong."""
    findings, operations = check(history), history.operations
    reads = [each for each in operations if each.is_read and each.answered]
    started_ns = min((each.invoked_ns for each in operations), default=0)
    ended_ns = max((each.returned_ns for each in operations), default=0)
    breaches = Counter(finding.breach for finding in findings)
    revoked = sum(finding.is_revoked_token for finding in findings)
    errors = [each for each in operations if each.status >= FIRST_SERVER_ERROR]
    stopped = sum(_is_of_stopped(each, history) for each in errors)
    first = min(findings, key=lambda each: each.operation.returned_ns, default=None)
    return Summary(
        history=history,
        variant=variant,
        operations=len(operations),
        reads=len(reads),
        hits=sum(each.hit for each in reads),
        faults=Counter(fault.kind for fault in history.faults),
        stale=breaches[Breach.STALE] - revoked,
        revoked_accepted=revoked,
        backwards=breaches[Breach.BACKWARDS],
        impossible=breaches[Breach.IMPOSSIBLE],
        errors=len(errors) - stopped,
        errors_of_stopped=stopped,
        unanswered=sum(each.status == NO_ANSWER for each in operations),
        first_violation_s=(first.operation.returned_ns - started_ns) / _NS if first else None,
        first_violation=_describe(first, history) if first else "",
        seconds=(ended_ns - started_ns) / _NS,
    )


def _describe(finding: Violation, history: History) -> str:
    """Return a finding as a sentence without its full stop."""
    operation, register = finding.operation, finding.register
    where = "some replica" if history.given else f"service process {operation.worker}"
    who = f"{operation.kind} of user {operation.user} at {where}"
    if is_token(register):
        if finding.version == GONE:
            return f"{who} refused {register}, which had not been logged out"
        return f"{who} accepted {register} after its logout"
    if finding.breach is Breach.IMPOSSIBLE:
        return f"{who} showed data of another user ({register})"
    shown = f"showed {register} at version {finding.version}"
    if not finding.version:
        shown = f"did not show {register}"
    floor = "its deletion" if finding.floor == GONE else f"version {finding.floor}"
    if finding.breach is Breach.STALE:
        return f"{who} {shown} although {floor} had been acknowledged before"
    return f"{who} {shown} although another request had been shown {floor} before"


def _is_of_stopped(operation: RecordedOperation, history: History) -> bool:
    return any(
        fault.stops_worker
        and (history.given or fault.worker == operation.worker)
        and operation.invoked_ns <= fault.ended_ns + _AFTERMATH_NS
        and fault.started_ns <= operation.returned_ns
        for fault in history.faults
    )
