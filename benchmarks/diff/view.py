"""What the page of a diff says, in the order it says it."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import geometric_mean

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.diff.changes import RunDifference
from benchmarks.diff.judge import Diff, DiffRow
from benchmarks.diff.metadata import uncommitted, unlikenesses
from benchmarks.diff.stored import CaseKey, Cell, Kind, StoredRun
from benchmarks.report.figures import MISSING, count, factor, ms, times
from benchmarks.report.page import Page, Section, Table, judged

_AMOUNT: Mapping[Kind, str] = {"comparison": "ms per request", "ladder": "req/s"}
_SHOWN = 0.95


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
    about = run.results["environment"]
    git = about.get("git")
    commit = f", commit {git['commit'][:12]}" if git else ""
    database = about.get("database")
    # Of services that somebody else runs the database is not known.
    where = f", {database['label']}" if database else ""
    return f"{run.name}, {about['date_utc']}{where}{commit}"


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
            *_where(row.place, several=several),
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
            *_where(row.place, several=several),
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


def _one_sided(name: str, places: Sequence[CaseKey]) -> Iterable[str]:
    if places:
        measured = "; ".join(
            f"{place.scenario}, {place.regime}, {place.variant}" for place in places
        )
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
    rows = [[each.what, each.in_a, each.in_b] for each in found]
    table = Table(("what", "A", "B"), rows)
    return Section("What else differs", [warning, *sentences], table)


def _several(rows: Iterable[DiffRow]) -> bool:
    return len({row.place.scenario for row in rows}) > 1


def _headings(*, several: bool) -> list[str]:
    return [*(["scenario"] if several else []), "regime", "variant"]


def _where(place: CaseKey, *, several: bool) -> list[str]:
    return [*([place.scenario] if several else []), place.regime, place.variant]


def _middle(speedups: Sequence[float] | None) -> str:
    return times(geometric_mean(speedups)) if speedups else MISSING


def _amount(cell: Cell, kind: Kind) -> str:
    if not cell.amounts:
        return MISSING
    middle = geometric_mean(cell.amounts)
    return ms(middle) if kind == "comparison" else count(round(middle))


def _ratio(found: RunDifference | None, confidence: float | None = None) -> str:
    if found is None:
        return MISSING
    interval = found.interval(confidence) if confidence else found.interval()
    return f"{factor(interval.centre)} {_bounds(interval)}"


def _bounds(interval: Interval) -> str:
    return f"[{factor(interval.low)}, {factor(interval.high)}]"


def _bracketed(qualifier: str) -> str:
    return f" ({qualifier})" if qualifier else ""
