"""Say what was checked, what was found, and what that is worth, line by line."""

from benchmarks.coherence.summary import Summary
from benchmarks.coherence.verify.faults import Fault
from benchmarks.runner.ending import INCONCLUSIVE

_NEVER = (
    "MongoDB faults, failover to a replica, clocks that run at different rates, more than one "
    "machine"
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


def _replicas(summary: Summary) -> list[str]:
    history = summary.history
    if not history.given:
        return []
    shares, count = ", ".join(f"{each:,}" for each in history.given), len(history.given)
    return [f"{count:>11,}  replicas behind one address: {shares} turns"]


def _not_exercised(summary: Summary) -> str:
    missed = [str(fault) for fault in Fault if not summary.faults.get(fault)]
    return ", ".join([*missed, _NEVER])
