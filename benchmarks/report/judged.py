"""The sections that judge: wrong answers, verdicts, checks."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.analysis.checks.check import Check, Result
from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.quantities.noise import shows
from benchmarks.report.computed import Results
from benchmarks.report.figures import MISSING, as_sentence, bounds, count, ms, times
from benchmarks.report.longer import to_decide
from benchmarks.report.page import Section, Table, TonedText, judged


def coherence(results: Results) -> Section:
    """Return how many reads of each variant were checked, and how many were wrong."""
    found = results.coherence
    if not found:
        return Section("Wrong answers", ["No variant was probed."], kind="wrong answers")
    method = (
        "After the measured blocks a few clients read and write the same users' data at once, "
        "with nothing broken. A read that began after a write was acknowledged must show it."
    )
    sentences = [
        f"{entry.variant}: stale reads: {count(entry.stale)} of {count(entry.reads)}. "
        "It is fast because it gives wrong answers."
        for entry in found
        if entry.stale
    ]
    sentences += [f"{entry.variant}: {entry.first}." for entry in found if entry.first]
    columns = ("reads", "hits", "writes", "stale", "backwards", "impossible", "errors")
    rows = [
        [
            entry.variant,
            *(count(getattr(entry, name)) for name in columns),
        ]
        for entry in found
    ]
    table = Table(("variant", *columns), rows)
    return Section("Wrong answers", sentences, table, kind="wrong answers", notes=[method])


def verdicts(results: Results) -> Section:
    """Return each claim's verdict in each regime."""
    margin = f"{MARGIN:.0%}"
    texts = {verdict.claim: verdict.text for verdict in results.verdicts}
    notes = [f"{claim}: {text}." for claim, text in texts.items()]
    notes.append(
        f"'Equals' holds if the whole 90 % interval is within {margin} of the claimed value; for a "
        "speedup also if it is above. 'At least' holds if the whole interval is at or above the "
        "claimed value."
    )
    notes += [
        f"{verdict.claim}, {verdict.regime}, {verdict.variant}: {said}."
        for verdict in results.verdicts
        for said in (verdict.remark, to_decide(results, verdict))
        if said
    ]
    failed = {name: None for verdict in results.verdicts for name in verdict.failed}
    sentences = _widened(results)
    if failed:
        sentences.append(
            f"Void because a check found something wrong ({', '.join(failed)}): figures that "
            "cannot be trusted decide nothing."
        )
    rows = [
        [
            verdict.regime,
            verdict.variant,
            verdict.claim,
            measured(verdict),
            decision(verdict),
        ]
        for verdict in results.verdicts
    ]
    headings = ("regime", "variant", "claim", "measured [90 %]", "verdict")
    table = Table(headings, rows) if rows else None
    return Section("Verdicts", sentences, table, kind="verdicts", notes=notes)


def _widened(results: Results) -> list[str]:
    """Say by how much the noise widened the intervals, if it did."""
    factor = max(
        (each for summary in results.summaries for each in summary.widenings.values()),
        default=1.0,
    )
    if not shows(factor):
        return []
    said = (
        f"Noise made intervals up to {factor:.1f} times as wide: a service differed from itself, "
        "or one half of a case from the other."
    )
    return [said]


def measured(verdict: Finding) -> str:
    """Return what was measured for a claim, with its interval."""
    if verdict.ratio is None:
        return MISSING
    if verdict.unit == "ms":
        interval = f"[{ms(verdict.low)}, {ms(verdict.high)}]"
        return f"{ms(verdict.ratio)} ms {interval}"
    return f"{times(verdict.ratio)} {bounds(verdict)}"


def decision(verdict: Finding) -> TonedText:
    """Return a verdict with its qualifier; which checks failed is said once for all."""
    shown = verdict.qualifier and not verdict.failed
    qualifier = f" ({verdict.qualifier})" if shown else ""
    return judged(verdict.verdict, f"{verdict.verdict}{qualifier}")


def checks(every: Sequence[Check], *, several: bool = False) -> Section:
    """Return what every check saw; what is wrong or noisy is said in sentences first.

    With ``several`` scenarios each is named.
    """
    sentences = [_counted(every)]
    sentences += [
        f"{shown(check.result)} {check.name} ({_where(check, several=several)}): {check.detail}. "
        f"{as_sentence(check.advice)}"
        for check in every
        if check.result in {"wrong", "noisy"}
    ]
    rows = [
        [
            check.name,
            _where(check, several=several),
            judged(check.result, shown(check.result)),
            check.detail,
        ]
        for check in every
    ]
    table = Table(("check", "regime", "result", "seen"), rows) if rows else None
    return Section("Checks", sentences, table, kind="checks")


def shown(result: Result) -> str:
    """Return what a check found as it is written; what is wrong is not to be overlooked."""
    return result.upper() if result == "wrong" else result


def _counted(every: Sequence[Check]) -> str:
    counts = Counter(check.result for check in every)
    said = [f"{counts['passed']} of {len(every)} checks passed"]
    said += [f"{counts[kind]} {what}" for kind, what in _KINDS.items() if counts[kind]]
    return f"{'; '.join(said)}."


_KINDS: Mapping[Result, str] = {
    "wrong": "found something wrong, which voids what it touches",
    "noisy": "found noise, which intervals are widened by",
    "cannot tell": "had too little to look at",
}


def _where(check: Check, *, several: bool) -> str:
    if not check.scenario:
        return "the whole run"
    return f"{check.scenario}, {check.regime}" if several else check.regime
