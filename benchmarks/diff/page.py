"""The page of a diff, in the order of its sections."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from statistics import geometric_mean

from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.header import RunHeader
from benchmarks.analysis.stats.intervals import MeanDifference, from_log
from benchmarks.diff.changes import Diff, DiffRow
from benchmarks.diff.runs import CaseKey, RunKind, StoredCell, StoredRun
from benchmarks.report.figures import MISSING, count, ms, ratio, times
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.storage.plain import to_plain

_AMOUNT: Mapping[RunKind, str] = {"comparison": "ms per request", "sweep": "req/s"}
_SHOWN = 0.95
# Different in any two runs, or said a second time by another field.
_NOT_COMPARED = frozenset(
    {
        "caveat",
        "date_utc",
        "description",
        "label",
        "load_avg_1min",
        "purpose",
        "runnable_threads",
        "uptime_s",
    }
)
_THERE = "there"
_NAMES = ("name", "scenario", "regime")
_NAMED = ("variants", "scenarios", "regimes")


def diff_page(diff: Diff) -> Page:
    """Return the page."""
    sections = [_speedups(diff), _amounts(diff), _unlike(diff)]
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
    verdicts = [row.verdict for row in diff.rows if row.verdict is not None]
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
    several = _several(diff.rows)
    rows = [
        [
            *_where(row.case, several=several),
            _middle(row.a.speedups),
            _middle(row.b.speedups),
            _ratio(row.speedup),
            judged(
                row.verdict.decision, f"{row.verdict.decision}{_bracketed(row.verdict.qualifier)}"
            ),
        ]
        for row in diff.rows
        if row.verdict is not None
    ]
    headings = [*_headings(several=several), "A", "B", "B/A [90 %]", "verdict"]
    return Section("Speedups", [method, rule, *_single_starts(diff)], Table(headings, rows))


def _single_starts(diff: Diff) -> list[str]:
    once = [name for name, run in (("A", diff.a), ("B", diff.b)) if run.restarts == 1]
    if not once:
        return []
    caveat = (
        f"The services of {' and '.join(once)} were started once: how much one start differs from "
        "the next is not in the intervals, which are too narrow by that."
    )
    return [caveat]


def _amounts(diff: Diff) -> Section:
    method = (
        "The runs were made at different times: what the machine did meanwhile is in these "
        "ratios, and no verdict is based on them."
    )
    several = _several(diff.rows)
    rows = [
        [
            *_where(row.case, several=several),
            _amount(row.a, diff.a.kind),
            _amount(row.b, diff.a.kind),
            _ratio(row.amount, _SHOWN),
        ]
        for row in diff.rows
    ]
    unit = _AMOUNT[diff.a.kind]
    headings = [*_headings(several=several), f"A {unit}", f"B {unit}", "B/A [95 %]"]
    sentences = [method, *_one_sided("A", diff.only_in_a), *_one_sided("B", diff.only_in_b)]
    return Section("Absolute figures", sentences, Table(headings, rows))


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


def _several(rows: Iterable[DiffRow]) -> bool:
    return len({row.case.scenario for row in rows}) > 1


def _headings(*, several: bool) -> list[str]:
    return [*(["scenario"] if several else []), "regime", "variant"]


def _where(case: CaseKey, *, several: bool) -> list[str]:
    return [*([case.scenario] if several else []), case.regime, case.variant]


def _middle(speedups: Sequence[float] | None) -> str:
    return times(geometric_mean(speedups)) if speedups else MISSING


def _amount(cell: StoredCell, kind: RunKind) -> str:
    if not cell.amounts:
        return MISSING
    middle = geometric_mean(cell.amounts)
    return ms(middle) if kind == "comparison" else count(round(middle))


def _ratio(found: MeanDifference | None, confidence: float = CONFIDENCE) -> str:
    return ratio(from_log(found.interval(confidence)) if found else None)


def _bracketed(qualifier: str) -> str:
    return f" ({qualifier})" if qualifier else ""


def unlikenesses(a: RunHeader, b: RunHeader) -> list[tuple[str, str, str]]:
    """Return what differs of machine, versions, servers and options: what, in A, in B."""
    ours, theirs = dict(_described(a)), dict(_described(b))
    # Of what only one run has, that it has it is enough.
    one_sided = tuple(
        f"{what}:"
        for what, text in {**ours, **theirs}.items()
        if text == _THERE and ours.get(what) != theirs.get(what)
    )
    return [
        (what, ours.get(what, MISSING), theirs.get(what, MISSING))
        for what in sorted(ours.keys() | theirs.keys())
        if ours.get(what) != theirs.get(what) and not what.startswith(one_sided)
    ]


def uncommitted(results: RunHeader) -> str | None:
    """Return why the commit does not say what was measured, if it does not."""
    git = results.environment.git
    if not git:
        return "the commit that was measured is not known"
    return "was made with uncommitted changes" if git.dirty else None


def _described(results: RunHeader) -> Iterator[tuple[str, str]]:
    yield from _flat("", to_plain(results.environment))
    yield from _flat("option ", to_plain(results.options))
    for section in _NAMED:
        for entry in getattr(results, section, ()):
            yield from _entry(f"{section[:-1]} {entry.name}", to_plain(entry))


def _entry(label: str, entry: object) -> Iterator[tuple[str, str]]:
    yield label, _THERE
    yield from _flat(f"{label}: ", entry, besides=_NAMES)


def _flat(
    prefix: str, values: object, *, besides: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    for key, value in values.items() if isinstance(values, Mapping) else ():
        if key in _NOT_COMPARED or key in besides:
            continue
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(f"{name} ", value)
        elif isinstance(value, Sequence) and any(isinstance(each, Mapping) for each in value):
            for number, entry in enumerate(value, start=1):
                yield from _entry(f"{name} {_label(entry, number)}", entry)
        else:
            yield name, _text(value)


def _label(entry: Mapping[str, object], number: int) -> str:
    """Return what an entry of a list is about, so that lists of other lengths still match."""
    return ", ".join(str(entry[key]) for key in _NAMES if key in entry) or str(number)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return MISSING if value is None else str(value)
