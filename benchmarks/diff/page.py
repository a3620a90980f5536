"""The page of a diff, in the order of its sections."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from statistics import fmean

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.header import Header
from benchmarks.diff.changes import CaseKey, Diff, DiffRow, StoredRun
from benchmarks.report.figures import MISSING, ratio, times
from benchmarks.report.page import Page, Section, Table, judged

_SHOWN_ABOVE = frozenset({"date_utc", "git", "claims", "parts"})
"""In the headline or the table."""


def diff_page(diff: Diff) -> Page:
    """Return the page."""
    sections = [_speedups(diff)]
    if diff.objections:
        sentences = [f"{objection}." for objection in diff.objections]
        sections.insert(0, Section("Not to be trusted", sentences))
    headline = [f"A: {_run(diff.a)}", f"B: {_run(diff.b)}", _summary(diff)]
    return Page("fivefold: did it change?", headline, sections)


def _run(run: StoredRun) -> str:
    about = run.results.environment
    git, database = about.git, about.database
    changed = " with uncommitted changes" if git and git.dirty else ""
    commit = f", commit {git.commit[:12]}{changed}" if git else ""
    # Of services that are not ours the database is not known.
    where = f", {database.label}" if database else ""
    return f"{run.name}, {about.date_utc}{where}{commit}"


def _summary(diff: Diff) -> str:
    verdicts = [row.verdict for row in diff.rows]
    changed = [verdict.qualifier for verdict in verdicts if verdict.decision == "changed"]
    unchanged = sum(verdict.decision == "unchanged" for verdict in verdicts)
    return (
        f"Of {len(verdicts)} speedups {len(changed)} changed by more than {MARGIN:.0%} "
        f"({changed.count('worse')} worse, {changed.count('better')} better), {unchanged} did "
        f"not, {len(verdicts) - len(changed) - unchanged} are undecided."
    )


def _speedups(diff: Diff) -> Section:
    method = (
        "A speedup is a ratio within one run, variant to reference side by side in time, so it "
        "can be compared with that of another day. B/A above 1: the variant gained."
    )
    rule = (
        f"Unchanged: the whole 90 % interval of B/A is within {MARGIN:.0%} of 1. Changed: all of "
        "it is farther away than that."
    )
    sentences = [
        method,
        rule,
        *_single_starts(diff),
        *_only_in("A", diff.a, diff.b),
        *_only_in("B", diff.b, diff.a),
        *_unlike(diff),
    ]
    table = Table(
        ["scenario", "regime", "variant", "A", "B", "B/A [90 %]", "verdict"],
        [_row(row) for row in diff.rows],
    )
    return Section("Speedups", sentences, table)


def _row(row: DiffRow) -> list[str]:
    case, verdict = row.case, row.verdict
    qualifier = f" ({verdict.qualifier})" if verdict.qualifier else ""
    return [
        case.scenario,
        case.regime,
        case.variant,
        *(times(math.exp(fmean(logs))) if logs else MISSING for logs in (row.a, row.b)),
        ratio(row.change),
        judged(verdict.decision, f"{verdict.decision}{qualifier}"),
    ]


def _single_starts(diff: Diff) -> Iterator[str]:
    runs = {"A": diff.a, "B": diff.b}
    once = [name for name, run in runs.items() if run.results.options.restarts == 1]
    if once:
        yield (
            f"The services of {' and '.join(once)} were started once: how much one start differs "
            "from the next is not in the intervals, which are too narrow by that."
        )


def _only_in(name: str, run: StoredRun, other: StoredRun) -> Iterator[str]:
    cases: Sequence[CaseKey] = [case for case in run.speedups if case not in other.speedups]
    if cases:
        measured = "; ".join(f"{case.scenario}, {case.regime}, {case.variant}" for case in cases)
        yield f"Only in {name}: {measured}."


def _unlike(diff: Diff) -> Iterator[str]:
    ours, theirs = (_recorded(run.results) for run in (diff.a, diff.b))
    names = [name for name, value in ours.items() if value != theirs[name]]
    if names:
        yield f"A and B differ in {', '.join(names)}: each may be the reason of a change."


def _recorded(results: Header) -> dict[str, object]:
    """Return the machine, versions, servers and options by their names."""
    about = results.environment
    # The load of a machine is never the same.
    machine = replace(about.machine, load_avg_1min=0.0)
    return {
        each.name.replace("_", " "): getattr(part, each.name)
        for part in (replace(about, machine=machine), results.options)
        for each in fields(part)
        if each.name not in _SHOWN_ABOVE
    }
