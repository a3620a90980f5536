"""The page of a diff, in the order of its sections."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import geometric_mean
from typing import Any

from benchmarks.analysis.header import Header
from benchmarks.analysis.stats.intervals import from_log
from benchmarks.diff.changes import Diff, DiffRow
from benchmarks.diff.runs import CaseKey, StoredRun
from benchmarks.report.figures import MISSING, ratio, times
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.storage.plain import to_plain

# Different in any two runs, said a second time by another field, or seen in the table itself.
_NOT_COMPARED = frozenset(
    {
        "caveat",
        "claims",
        "date_utc",
        "label",
        "load_avg_1min",
        "parts",
    }
)


def diff_page(diff: Diff) -> Page:
    """Return the page."""
    sections = [_speedups(diff), _unlike(diff)]
    if diff.objections:
        sentences = [f"{objection}." for objection in diff.objections]
        sections.insert(0, Section("Not to be trusted", sentences))
    return Page("fivefold: did it change?", _headline(diff), sections)


def _headline(diff: Diff) -> list[str]:
    return [f"A: {_run(diff.a)}", f"B: {_run(diff.b)}", _summary(diff)]


def _run(run: StoredRun) -> str:
    about = run.results.environment
    git = about.git
    commit = f", commit {git.commit[:12]}" if git else ""
    database = about.database
    # Of services that are not ours the database is not known.
    where = f", {database.label}" if database else ""
    return f"{run.name}, {about.date_utc}{where}{commit}"


def _summary(diff: Diff) -> str:
    verdicts = [row.verdict for row in diff.rows]
    changed = [verdict.qualifier for verdict in verdicts if verdict.decision == "changed"]
    unchanged = sum(verdict.decision == "unchanged" for verdict in verdicts)
    return (
        f"Of {len(verdicts)} speedups {len(changed)} changed by more than {diff.margin:.0%} "
        f"({changed.count('worse')} worse, {changed.count('better')} better), {unchanged} did "
        f"not, {len(verdicts) - len(changed) - unchanged} are undecided."
    )


def _speedups(diff: Diff) -> Section:
    method = (
        "A speedup is a ratio within one run, variant to reference side by side in time, so it "
        "can be compared with that of another day. B/A above 1: the variant gained."
    )
    rule = (
        f"Unchanged: the whole 90 % interval of B/A is within {diff.margin:.0%} of 1. Changed: it "
        f"is farther away than that, with an error probability of 5 % for all {diff.judged} "
        "speedups together (Holm)."
    )
    several = len({row.case.scenario for row in diff.rows}) > 1
    headings = [*(["scenario"] if several else []), "regime", "variant"]
    rows = [_row(row, several=several) for row in diff.rows]
    sentences = [
        method,
        rule,
        *_single_starts(diff),
        *_one_sided("A", diff.only_in_a),
        *_one_sided("B", diff.only_in_b),
    ]
    table = Table([*headings, "A", "B", "B/A [90 %]", "verdict"], rows)
    return Section("Speedups", sentences, table)


def _row(row: DiffRow, *, several: bool) -> list[str]:
    case, verdict = row.case, row.verdict
    qualifier = f" ({verdict.qualifier})" if verdict.qualifier else ""
    return [
        *([case.scenario] if several else []),
        case.regime,
        case.variant,
        *(times(geometric_mean(values)) if values else MISSING for values in (row.a, row.b)),
        ratio(from_log(row.change.interval()) if row.change else None),
        judged(verdict.decision, f"{verdict.decision}{qualifier}"),
    ]


def _single_starts(diff: Diff) -> list[str]:
    runs = {"A": diff.a, "B": diff.b}
    once = [name for name, run in runs.items() if run.results.options.restarts == 1]
    if not once:
        return []
    caveat = (
        f"The services of {' and '.join(once)} were started once: how much one start differs from "
        "the next is not in the intervals, which are too narrow by that."
    )
    return [caveat]


def _one_sided(name: str, cases: Sequence[CaseKey]) -> Iterable[str]:
    if cases:
        measured = "; ".join(f"{case.scenario}, {case.regime}, {case.variant}" for case in cases)
        yield f"Only in {name}: {measured}."


def _unlike(diff: Diff) -> Section:
    found = unlikenesses(diff.a.results, diff.b.results)
    sentences = [
        f"{name}: {reason}: its commit alone does not say what was measured."
        for name, run in (("A", diff.a), ("B", diff.b))
        if (reason := uncommitted(run.results))
    ]
    if not found:
        return Section("What else differs", ["Nothing that was recorded.", *sentences])
    warning = f"{len(found)} other things differ, and each may be the reason of a change."
    return Section("What else differs", [warning, *sentences], Table(("what", "A", "B"), found))


def unlikenesses(a: Header, b: Header) -> list[tuple[str, str, str]]:
    """Return what differs of machine, versions, servers and options: what, in A, in B."""
    ours, theirs = (dict(_described(each)) for each in (a, b))
    names = sorted(ours.keys() | theirs.keys())
    found = [(what, ours.get(what, MISSING), theirs.get(what, MISSING)) for what in names]
    return [row for row in found if row[1] != row[2]]


def uncommitted(results: Header) -> str | None:
    """Return why the commit does not say what was measured, if it does not."""
    git = results.environment.git
    if not git:
        return "the commit that was measured is not known"
    return "was made with uncommitted changes" if git.dirty else None


def _described(results: Header) -> Iterator[tuple[str, str]]:
    yield from _flat("", to_plain(results.environment))
    yield from _flat("option ", to_plain(results.options))
    for variant in results.variants:
        yield from _flat(f"packages of {variant.name} ", variant.packages)


def _flat(prefix: str, values: Any) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(f"{name} ", value)
        elif key not in _NOT_COMPARED:
            yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return MISSING if value is None else str(value)
