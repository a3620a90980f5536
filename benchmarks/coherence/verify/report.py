"""Say what was checked, what was found, and what that is worth."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from benchmarks.coherence.verify.checker import Breach, HistoryVerdict, Violation, check
from benchmarks.coherence.verify.faults import Fault
from benchmarks.coherence.verify.history import (
    FIRST_SERVER_ERROR,
    GONE,
    NO_ANSWER,
    History,
    RecordedOperation,
    is_token,
)

HELD, VIOLATED, INCONCLUSIVE, BROKEN = 0, 1, 3, 4
LEAST_HIT_RATIO = 0.05
_NS = 1_000_000_000
# How long after a service process went on its requests may still miss their deadline.
_AFTERMATH_NS = 2 * _NS
_NEVER = (
    "MongoDB faults, failover to a replica, clocks that run at different rates, more than one "
    "machine"
)


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
    excused: int
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
            return VIOLATED
        proves = self.faults and self.hit_ratio >= LEAST_HIT_RATIO and all(self.history.given)
        return HELD if proves else INCONCLUSIVE


def summarize(
    history: History, *, variant: str = "", verdict: HistoryVerdict | None = None
) -> Summary:
    """Check every read of a run, unless that was done, and count what it did and what is wrong."""
    verdict = verdict or check(history)
    operations = history.operations
    started_ns = min((each.invoked_ns for each in operations), default=0)
    ended_ns = max((each.returned_ns for each in operations), default=0)
    breaches = Counter(finding.breach for finding in verdict.findings)
    revoked = sum(finding.is_revoked_token for finding in verdict.findings)
    errors = [each for each in operations if each.status >= FIRST_SERVER_ERROR]
    stopped = sum(_is_of_stopped(each, history) for each in errors)
    first = min(verdict.findings, key=lambda each: each.operation.returned_ns, default=None)
    return Summary(
        history=history,
        variant=variant,
        operations=len(operations),
        reads=verdict.reads,
        hits=sum(each.hit for each in operations if each.is_read and each.answered),
        faults=Counter(fault.kind for fault in history.faults),
        stale=breaches[Breach.STALE] - revoked,
        revoked_accepted=revoked,
        backwards=breaches[Breach.BACKWARDS],
        excused=verdict.excused,
        impossible=breaches[Breach.IMPOSSIBLE],
        errors=len(errors) - stopped,
        errors_of_stopped=stopped,
        unanswered=sum(each.status == NO_ANSWER for each in operations),
        first_violation_s=(first.operation.returned_ns - started_ns) / _NS if first else None,
        first_violation=describe(first, one_address=history.one_address) if first else "",
        seconds=(ended_ns - started_ns) / _NS,
    )


def lines(summary: Summary) -> list[str]:
    """Return the report, line by line; the last one is the conclusion."""
    faults = sum(summary.faults.values())
    kinds = [f"  {count:>9,}  {kind}" for kind, count in sorted(summary.faults.items())]
    report = [
        f"{summary.variant}: {summary.seconds:.0f} s on {summary.history.database}"
        + (" (interrupted)" if summary.history.interrupted else ""),
        *_replicas(summary),
        f"{summary.operations:>11,}  operations",
        f"{summary.reads:>11,}  reads checked, {summary.hit_ratio:.0%} answered from the cache",
        f"{faults:>11,}  faults",
        *kinds,
        f"{summary.stale:>11,}  stale reads (G1)",
        f"{summary.revoked_accepted:>11,}  revoked tokens accepted (G1)",
        f"{summary.backwards:>11,}  backwards reads (G2) beyond the residual risks",
        f"{summary.excused:>11,}  backwards reads under the residual risks R1 and R2",
        f"{summary.impossible:>11,}  answers that no state of the user explains",
        f"{summary.errors:>11,}  5xx from Redis faults",
        f"{summary.errors_of_stopped:>11,}  5xx of service processes that were themselves stopped",
        f"{summary.unanswered:>11,}  requests without an answer",
    ]
    if summary.first_violation_s is not None:
        report.append(
            f"First violation after {summary.first_violation_s:.1f} s: {summary.first_violation}."
        )
    return [*report, conclusion(summary)]


def conclusion(summary: Summary) -> str:
    """Return what the run proves, no more."""
    faults = sum(summary.faults.values())
    under = f"{summary.reads:,} checked reads under {faults} faults"
    if summary.violations:
        return f"The promise is broken: {summary.violations:,} violations in {under}."
    if summary.exit_code == INCONCLUSIVE:
        return (
            f"Nothing is proven: {under}, of which the cache answered {summary.hit_ratio:.0%}; "
            "without hits and faults there is nothing to get wrong."
        )
    return (
        f"0 violations in {under}. 0 in n bounds the rate at 3/n (95 %, if reads were "
        f"independent): at most 1 in {max(1, summary.reads // 3):,} reads, "
        f"1 in {max(1, summary.hits // 3):,} hits, for this load and these faults. "
        f"Not exercised: {_not_exercised(summary)}."
    )


def describe(finding: Violation, *, one_address: bool = False) -> str:
    """Return a finding as a sentence without its full stop."""
    operation, register = finding.operation, finding.register
    where = "some replica" if one_address else f"service process {operation.worker}"
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


def _replicas(summary: Summary) -> list[str]:
    history = summary.history
    if not history.balancer:
        return []
    shares, count = ", ".join(f"{each:,}" for each in history.given), len(history.given)
    return [f"{count:>11,}  replicas behind one address ({history.balancer}): {shares} turns"]


def _is_of_stopped(operation: RecordedOperation, history: History) -> bool:
    return any(
        fault.stops_worker
        and (history.one_address or fault.worker == operation.worker)
        and operation.invoked_ns <= fault.ended_ns + _AFTERMATH_NS
        and fault.started_ns <= operation.returned_ns
        for fault in history.faults
    )


def _not_exercised(summary: Summary) -> str:
    missed = [str(fault) for fault in Fault if not summary.faults.get(fault)]
    return ", ".join([*missed, _NEVER])
