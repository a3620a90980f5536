"""Which speedups changed from one stored run to another, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.analysis.checks.check import Check, failed_checks
from benchmarks.analysis.claims.verdict import equal_to, within_bound
from benchmarks.analysis.quantities.blocks import block_totals_ms
from benchmarks.analysis.quantities.groups import Group, groups_of, responses
from benchmarks.analysis.stats.intervals import (
    LEAST_OBSERVATIONS,
    Interval,
    from_log,
    mean_difference,
    nested_log_ratios,
)
from benchmarks.report.computed import Results
from benchmarks.report.results import computing, read_results, reading
from benchmarks.storage.run_folder import Run
from benchmarks.storage.usage import UsageError

Decision = Literal["changed", "unchanged", "undecided"]


@dataclass(frozen=True, slots=True, order=True)
class CaseKey:
    """A variant in a scenario and a regime."""

    scenario: str
    regime: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One run on disk.

    ``speedups`` has the independent values of each case, the logarithm of how many times as fast as
    the reference: one of each start of the services where there were several, else one of each
    block.
    """

    name: str
    results: Results
    speedups: Mapping[CaseKey, Sequence[float]]


def read_run(folder: Path) -> StoredRun:
    """Read a comparison; raises ``UsageError`` when the folder does not hold one."""
    run = Run(folder)
    with reading(folder), computing(run):
        # A run that was killed has its header and samples, and nothing that is computed at the end.
        results, samples = read_results(run), run.samples()
        groups = groups_of(results, responses(samples))
        speedups = {
            CaseKey(*group.key, name): _log_speedups(group, name)
            for group in groups
            if not group.is_noise
            for name in group.variants[1:]
        }
    return StoredRun(name=run.path.resolve().name, results=results, speedups=speedups)


def _log_speedups(group: Group, variant: str) -> list[float]:
    sides = (block_totals_ms(group.samples, name) for name in (group.reference, variant))
    return nested_log_ratios(*sides)


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """A decision, and in a few words what kind of change or why there is no decision."""

    decision: Decision
    qualifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """The speedups of one case in both runs.

    ``change`` is B / A with its interval, None where there are too few values.
    """

    case: CaseKey
    a: Sequence[float]
    b: Sequence[float]
    change: Interval | None
    verdict: ChangeVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The differences of two runs."""

    a: StoredRun
    b: StoredRun
    rows: Sequence[DiffRow]

    @property
    def objections(self) -> Sequence[str]:
        """Return what was wrong with the runs: checks that failed, and that they did not end."""
        return [objection for run in (self.a, self.b) for objection in _objections(run)]

    @property
    def worse(self) -> bool:
        """Tell whether a speedup became smaller."""
        return any(row.verdict == ChangeVerdict("changed", "worse") for row in self.rows)


def diff_runs(a: StoredRun, b: StoredRun) -> Diff:
    """Compare two runs; raises ``UsageError`` where they have nothing in common."""
    cases = [case for case in a.speedups if case in b.speedups]
    if not cases:
        raise UsageError(f"{a.name} and {b.name} measured nothing that is the same in both")
    return Diff(a=a, b=b, rows=[_row(case, a, b) for case in cases])


def _row(case: CaseKey, a: StoredRun, b: StoredRun) -> DiffRow:
    before, after = a.speedups[case], b.speedups[case]
    change = None
    if min(len(before), len(after)) >= LEAST_OBSERVATIONS:
        change = from_log(mean_difference(before, after))
    refusal = _refusal(case, (a, b))
    verdict = ChangeVerdict("undecided", refusal) if refusal else judge_change(change)
    return DiffRow(case=case, a=before, b=after, change=change, verdict=verdict)


def judge_change(change: Interval | None) -> ChangeVerdict:
    """Judge B / A by the rule for all intervals: within the margin around 1, outside of it, or not.

    Changed wrongly are at most 5 % of the speedups that changed by exactly the margin, and next to
    none of those that did not change.
    """
    if change is None:
        return ChangeVerdict("undecided", f"fewer than {LEAST_OBSERVATIONS} observations")
    least, most = equal_to(1.0)
    bound = within_bound(change, least=least, most=most)
    if bound == "undecided":
        return ChangeVerdict("undecided", "the interval is too wide")
    if bound == "held":
        return ChangeVerdict("unchanged")
    return ChangeVerdict("changed", "better" if change.centre > 1 else "worse")


def _refusal(case: CaseKey, runs: Sequence[StoredRun]) -> str:
    """Return why the figures of a case mean nothing in one of the runs, empty if they do."""
    reasons = []
    for label, run in zip("AB", runs, strict=True):
        if run.results.state != "complete":
            reasons.append(f"{label} is {run.results.state}")
        where, about = (case.scenario, case.regime), (case.variant, run.results.variants[0].name)
        failed = [
            check.name for check in run.results.checks if check.voids(where, about, counts=False)
        ]
        if failed:
            reasons.append(f"{', '.join(dict.fromkeys(failed))} failed in {label}")
    return "; ".join(reasons)


def _objections(run: StoredRun) -> list[str]:
    found = []
    if run.results.state != "complete":
        found.append(f"{run.name} is {run.results.state}: {run.results.reason}")
    found += [
        f"{run.name} FAILED {check.name} ({_where(check)}): {check.detail}"
        for check in failed_checks(run.results.checks)
    ]
    return found


def _where(check: Check) -> str:
    # A check of the whole run names no scenario.
    return ", ".join(filter(None, (check.scenario, check.regime))) or "whole run"
