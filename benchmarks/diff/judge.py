"""Two stored runs side by side: every place that both measured, and whether its speedup changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.analysis.checks.check import Check, failed_checks
from benchmarks.analysis.stats.intervals import LEAST_OBSERVATIONS
from benchmarks.diff.changes import ChangeVerdict, RunDifference, difference, judge_changes
from benchmarks.diff.stored import CaseKey, Cell, StoredRun
from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """One place in both runs.

    ``amount`` and ``speedup`` are B / A, None where there are too few values. The reference has
    no speedup and no verdict.
    """

    place: CaseKey
    a: Cell
    b: Cell
    amount: RunDifference | None
    speedup: RunDifference | None
    verdict: ChangeVerdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What is to be said about two runs.

    ``judged`` counts the speedups that share the error probability, ``objections`` are the checks
    that failed and the runs that did not end, which leave something undecided.
    """

    a: StoredRun
    b: StoredRun
    margin: float
    rows: Sequence[DiffRow]
    only_in_a: Sequence[CaseKey]
    only_in_b: Sequence[CaseKey]
    judged: int
    objections: Sequence[str]

    @property
    def worse(self) -> bool:
        """Tell whether a speedup became smaller."""
        return any(row.verdict == ChangeVerdict("changed", "worse") for row in self.rows)


def diff_runs(a: StoredRun, b: StoredRun, *, margin: float) -> Diff:
    """Compare two runs of the same kind; raises ``UsageError`` for others or nothing in common."""
    if a.kind != b.kind:
        raise UsageError(
            f"{a.name} is a {a.kind} and {b.name} a {b.kind}: name two runs of the same command"
        )
    places = [place for place in a.cells if place in b.cells]
    if not places:
        raise UsageError(f"{a.name} and {b.name} measured nothing that is the same in both")
    amounts = {place: _change(a.cells[place].amounts, b.cells[place].amounts) for place in places}
    speedups = {
        place: _change(a.cells[place].speedups, b.cells[place].speedups) for place in places
    }
    refusals = {place: _refusal(place, (a, b)) for place in places}
    decided = judge_changes(
        {
            place: found
            for place, found in speedups.items()
            if found is not None and not refusals[place]
        },
        margin=margin,
    )
    return Diff(
        a=a,
        b=b,
        margin=margin,
        rows=[
            DiffRow(
                place=place,
                a=a.cells[place],
                b=b.cells[place],
                amount=amounts[place],
                speedup=speedups[place],
                verdict=_verdict(place, a.cells[place], refusals, decided),
            )
            for place in places
        ],
        only_in_a=[place for place in a.cells if place not in b.cells],
        only_in_b=[place for place in b.cells if place not in a.cells],
        judged=len(decided),
        objections=[objection for run in (a, b) for objection in _objections(run)],
    )


def _change(before: Sequence[float] | None, after: Sequence[float] | None) -> RunDifference | None:
    if before is None or after is None or min(len(before), len(after)) < LEAST_OBSERVATIONS:
        return None
    return difference(before, after)


def _verdict(
    place: CaseKey,
    cell: Cell,
    refusals: Mapping[CaseKey, str],
    decided: Mapping[CaseKey, ChangeVerdict],
) -> ChangeVerdict | None:
    if cell.speedups is None:
        return None
    if refusals[place]:
        return ChangeVerdict("undecided", refusals[place])
    few = ChangeVerdict("undecided", f"fewer than {LEAST_OBSERVATIONS} observations")
    return decided.get(place, few)


def _refusal(place: CaseKey, runs: Sequence[StoredRun]) -> str:
    """Return why the figures of a place mean nothing in one of the runs, empty if they do."""
    reasons = []
    for label, run in zip("AB", runs, strict=True):
        if run.results["state"] != "complete":
            reasons.append(f"{label} is {run.results['state']}")
        failed = []
        measured = {(each.scenario, each.regime) for each in run.cells}
        for check in failed_checks(run.results):
            where = (check.scenario, check.regime)
            # A check of something that is no place of its own, as the probe's, is about all.
            here = where == (place.scenario, place.regime) or where not in measured
            if here and (not check.variants or place.variant in check.variants):
                failed.append(check.name)
        if failed:
            reasons.append(f"{', '.join(dict.fromkeys(failed))} failed in {label}")
    return "; ".join(reasons)


def _objections(run: StoredRun) -> list[str]:
    found = []
    if run.results["state"] != "complete":
        found.append(f"{run.name} is {run.results['state']}: {run.results['reason']}")
    found += [
        f"{run.name} FAILED {check.name} ({_where(check)}): {check.detail}"
        for check in failed_checks(run.results)
    ]
    return found


def _where(check: Check) -> str:
    # A check of the whole run names no scenario.
    return ", ".join(filter(None, (check.scenario, check.regime))) or "whole run"
