"""Which speedups changed from one stored run to another, and how sure that is. Pure arithmetic."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from benchmarks.analysis.checks.check import Check, failed_checks
from benchmarks.analysis.claims.verdict import within_bound
from benchmarks.analysis.stats.distributions import student_cdf
from benchmarks.analysis.stats.intervals import (
    CONFIDENCE,
    LEAST_OBSERVATIONS,
    MeanDifference,
    from_log,
    mean_difference,
)
from benchmarks.diff.runs import CaseKey, StoredRun
from benchmarks.storage.usage import UsageError

Key = TypeVar("Key")
Decision = Literal["changed", "unchanged", "undecided"]


@dataclass(frozen=True, slots=True)
class ChangeVerdict:
    """A decision, and in a few words what kind of change or why there is no decision."""

    decision: Decision
    qualifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRow:
    """The speedups of one case in both runs.

    ``change`` is B / A as a difference of logarithms, None where there are too few values.
    """

    case: CaseKey
    a: Sequence[float]
    b: Sequence[float]
    change: MeanDifference | None
    verdict: ChangeVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The differences of two runs.

    ``judged`` counts the speedups that share the error probability, ``objections`` are the checks
    that failed and the runs that did not end, which leave something undecided.
    """

    a: StoredRun
    b: StoredRun
    margin: float
    rows: Sequence[DiffRow]
    judged: int

    @property
    def only_in_a(self) -> Sequence[CaseKey]:
        """Return what B did not measure."""
        return [case for case in self.a.speedups if case not in self.b.speedups]

    @property
    def only_in_b(self) -> Sequence[CaseKey]:
        """Return what A did not measure."""
        return [case for case in self.b.speedups if case not in self.a.speedups]

    @property
    def objections(self) -> Sequence[str]:
        """Return what was wrong with the runs themselves."""
        return [objection for run in (self.a, self.b) for objection in _objections(run)]

    @property
    def worse(self) -> bool:
        """Tell whether a speedup became smaller."""
        return any(row.verdict == ChangeVerdict("changed", "worse") for row in self.rows)


def diff_runs(a: StoredRun, b: StoredRun, *, margin: float) -> Diff:
    """Compare two runs; raises ``UsageError`` where they have nothing in common."""
    cases = [case for case in a.speedups if case in b.speedups]
    if not cases:
        raise UsageError(f"{a.name} and {b.name} measured nothing that is the same in both")
    changes = {case: _change(a.speedups[case], b.speedups[case]) for case in cases}
    refusals = {case: _refusal(case, (a, b)) for case in cases}
    decided = judge_changes(
        {case: found for case, found in changes.items() if found and not refusals[case]},
        margin=margin,
    )
    rows = [
        DiffRow(
            case=case,
            a=a.speedups[case],
            b=b.speedups[case],
            change=changes[case],
            verdict=_verdict(refusals[case], decided.get(case)),
        )
        for case in cases
    ]
    return Diff(a=a, b=b, margin=margin, rows=rows, judged=len(decided))


def difference(before: Sequence[float], after: Sequence[float]) -> MeanDifference:
    """Return how the mean logarithm of independent positive values moved; ``from_log`` undoes it.

    Welch's difference, after / before. Raises ``ValueError`` for fewer than two values in a group
    or one that is not positive.
    """
    if min((*before, *after), default=1.0) <= 0:
        raise ValueError("a ratio needs positive values")
    return mean_difference(np.log(before).tolist(), np.log(after).tolist())


def p_beyond(found: MeanDifference, margin: float) -> float:
    """Return how probable so large a change is if the true one is a factor 1 + ``margin``.

    The greatest probability under "the change is at most that": both tails of a change that lies
    on the edge. With a margin of 0 it is the two-sided p-value of Welch's test.
    """
    edge = math.log1p(margin)
    if found.error == 0:
        return float(abs(found.moved) <= edge)
    tails = ((abs(found.moved) + sign * edge) / found.error for sign in (-1, 1))
    return sum(student_cdf(found.freedom, -tail) for tail in tails)


def judge_changes(
    differences: Mapping[Key, MeanDifference], *, margin: float
) -> dict[Key, ChangeVerdict]:
    """Judge all speedups of a comparison of runs together.

    Unchanged where the whole interval lies within a factor 1 + ``margin`` of 1
    (two one-sided tests, as for claims). Changed where the change is larger than the margin at
    the level 1 - 0.95, by Holm's method over all of them ("A simple sequentially rejective
    multiple test procedure", Scandinavian Journal of Statistics 6, 1979): the probability that
    any of them is called changed wrongly is at most 5 %. Undecided otherwise.
    """
    p_values = {key: p_beyond(each, margin) for key, each in differences.items()}
    changed = _holm(p_values, level=(1 - CONFIDENCE) / 2)
    return {
        key: _judge(each, margin=margin, changed=key in changed)
        for key, each in differences.items()
    }


def _judge(found: MeanDifference, *, margin: float, changed: bool) -> ChangeVerdict:
    interval = from_log(found.interval())
    bound = within_bound(interval, least=1 / (1 + margin), most=1 + margin)
    if changed:
        return ChangeVerdict("changed", "better" if found.moved > 0 else "worse")
    if bound == "held":
        return ChangeVerdict("unchanged")
    if bound == "not held":
        return ChangeVerdict("undecided", "changed, were it the only comparison")
    if interval.low > 1 or interval.high < 1:
        return ChangeVerdict("undecided", "differs, perhaps by less than the margin")
    return ChangeVerdict("undecided", "the interval is too wide")


def _holm(p_values: Mapping[Key, float], *, level: float) -> set[Key]:
    """Return what is rejected: by rising p-value, as long as p <= level / (how many are left)."""
    rejected: set[Key] = set()
    for key in sorted(p_values, key=lambda each: p_values[each]):
        if p_values[key] > level / (len(p_values) - len(rejected)):
            break
        rejected.add(key)
    return rejected


def _change(before: Sequence[float], after: Sequence[float]) -> MeanDifference | None:
    if min(len(before), len(after)) < LEAST_OBSERVATIONS:
        return None
    return difference(before, after)


def _verdict(refusal: str, decided: ChangeVerdict | None) -> ChangeVerdict:
    if refusal:
        return ChangeVerdict("undecided", refusal)
    return decided or ChangeVerdict("undecided", f"fewer than {LEAST_OBSERVATIONS} observations")


def _refusal(case: CaseKey, runs: Sequence[StoredRun]) -> str:
    """Return why the figures of a case mean nothing in one of the runs, empty if they do."""
    reasons = []
    for label, run in zip("AB", runs, strict=True):
        if run.results.state != "complete":
            reasons.append(f"{label} is {run.results.state}")
        failed = []
        measured = {(each.scenario, each.regime) for each in run.speedups}
        for check in failed_checks(run.results.checks):
            where = (check.scenario, check.regime)
            # A check of something that is no case of its own, as the probe's, is about all.
            here = where == (case.scenario, case.regime) or where not in measured
            if here and (not check.variants or case.variant in check.variants):
                failed.append(check.name)
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
