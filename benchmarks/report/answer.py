"""The first screen of a report: one figure, one sentence, two pairs of bars, three claims.

Where nothing is to be believed, a sentence says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.claims.claim import SEED_MODEL, SEED_READS, SESSION
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.quantities.summary import Ratio, RegimeSummary
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import WANTED, Results
from benchmarks.report.figures import as_sentence, count, factor
from benchmarks.report.foreign import conditions
from benchmarks.report.judged import measured
from benchmarks.report.longer import to_decide, to_know
from benchmarks.report.page import Bar, ReportAnswer, judged
from benchmarks.storage.records import LOAD, NATIVE

_SLOW, _WRITING, _FAR = "50ms-per-request", "half-writes", "redis+5ms"
_NONE = "no difference that this run can show"
_ROWS = 3
_ORDER = (
    ("C1", _SLOW),
    ("C2", _SLOW),
    ("C2", "native"),
    ("C3", "native"),
    ("C5", "native"),
    ("L1", LOAD),
)
"""Claims of the tutorial, the most asked first."""
_MARKS: Mapping[str, str] = {
    "reproduced": "✓ holds",
    "not reproduced": "✗ does not hold",
    "inconclusive": "? open",
}
_WORDS: Mapping[str, str] = {
    "C1": "250 ms become 54 ms, 4.63 times as fast",
    "C2": "five times as fast, taken literally",
    "C3": "a hit takes about 1 ms, or less",
    "C5": "a miss takes no longer than without Redis",
}
_LITERAL_CLAIMS = {"C2", "L1"}
"""The tutorial's 5x, and the same one of a run with many users at a time."""
_VARIANTS = {"ours": 0, "ceiling": 2}
"""Whose ratio a run is about: ours before all others, a ceiling's at last."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One ratio of one scenario in one regime."""

    summary: RegimeSummary
    ratio: Ratio


def answer(results: Results) -> ReportAnswer | None:
    """Return the answer, None where nothing was compared or what was is not to be believed."""
    headline = main_headline(results)
    shown = headline.ratio.shown if headline else None
    if headline is None or shown is None or failed_for(results, headline):
        return None
    regimes = {each.name: each.description for each in results.regimes}
    return ReportAnswer(
        figure=f"{range_of(shown)[0]}x",
        sentence=_sentence(results, headline, shown),
        consequence=consequence(results, headline),
        bars=_bars(results, headline),
        rows=[_row(each, regimes[each.regime]) for each in _chosen(results, headline)],
    )


def _sentence(results: Results, headline: Headline, shown: Interval) -> str:
    asked, said = _what_is_asked(results, headline.summary), _said(shown)
    variant, reference = headline.ratio.variant, headline.ratio.reference
    if results.environment.is_foreign:
        answered = f"{variant} answered {asked} {said} as {reference}."
        return " ".join(filter(None, [answered, conditions(results)]))
    database = headline.summary.database_ms
    with_a = f" with a database that takes {factor(database)} ms" if database else ""
    clauses = [f"Redis ({variant}) made {asked} {said}{with_a}", *_elsewhere(results, headline)]
    return f"{'; '.join(clauses)}."


def _what_is_asked(results: Results, summary: RegimeSummary) -> str:
    """Return in words what is done in a scenario."""
    [scenario] = [each for each in results.scenarios if each.name == summary.scenario]
    many = "five" if summary.reads == SEED_READS else count(summary.reads)
    known = {
        "session": f"{many} reads of a user's list",
        "hits": f"{many} reads of a user's list with the cache filled before",
        "writes": f"{many} changes of a user's list",
    }
    otherwise = f'"{scenario.name}" ({scenario.purpose})'
    return otherwise if results.environment.is_foreign else known.get(scenario.name, otherwise)


def _elsewhere(results: Results, headline: Headline) -> Iterator[str]:
    """Yield what came of other databases, of many writes, and of a Redis far away."""
    variant = headline.ratio.variant
    slow = _ratio(results, headline.summary.scenario, _SLOW, variant)
    if slow and headline.summary.regime != _SLOW:
        yield f"{_effect(slow)} at 50 ms"
    for mix in results.workloads:
        if (mix.scenario, mix.variant) == (_WRITING, variant) and mix.speedup:
            yield f"{_effect(mix.speedup)} where every second request writes"
    far = _ratio(results, headline.summary.scenario, _FAR, variant)
    if far:
        yield f"{_effect(far)} with Redis 5 ms away"


def _ratio(results: Results, scenario: str, regime: str, variant: str) -> Interval | None:
    cases = (each for each in results.summaries if each.key == (scenario, regime))
    ratio = next((each.ratio_of(variant) for each in cases), None)
    return ratio.shown if ratio else None


def _said(shown: Interval) -> str:
    centre, low, high = range_of(shown)
    in_a_word = f", {_effect(shown)}," if shown.low <= 1 else ""
    return f"{centre}x as fast ({low}-{high}){in_a_word}"


def _effect(interval: Interval) -> str:
    if interval.low <= 1 <= interval.high:
        return _NONE
    return "slower" if interval.high < 1 else f"{range_of(interval)[0]}x"


def _bars(results: Results, headline: Headline) -> list[Bar]:
    """Return what the tutorial says five reads take, and what they took at its 50 ms."""
    if results.environment.is_foreign:
        return []
    bars = [
        Bar("tutorial, without Redis", SEED_MODEL.uncached_total_ms(SEED_READS), measured=False),
        Bar("tutorial, with Redis", SEED_MODEL.cached_total_ms(SEED_READS), measured=False),
    ]
    for summary in results.summaries:
        if (summary.scenario, summary.regime) != (headline.summary.scenario, _SLOW):
            continue
        totals = {each.variant: each.total_ms for each in summary.variants}
        bars += [
            Bar(f"measured, {name}", total.centre, measured=True)
            for name in (headline.ratio.reference, headline.ratio.variant)
            if (total := totals.get(name))
        ]
    return bars if any(bar.measured for bar in bars) else []


def _chosen(results: Results, headline: Headline) -> list[Finding]:
    """Return the verdicts that were asked for, and else the best known ones, three at most."""
    own = [each for each in results.verdicts if each.variant == headline.ratio.variant]
    asked = [each for each in own if each.asked]
    known = {(each.claim, each.regime): each for each in own}
    usual = [known[place] for place in _ORDER if place in known and known[place] not in asked]
    return [*asked, *usual][: max(_ROWS, len(asked))]


def _row(verdict: Finding, regime: str) -> list[str]:
    words = _WORDS.get(verdict.claim, verdict.text)
    decision = verdict.verdict
    return [
        f"{words} ({regime})",
        measured(verdict),
        judged(decision, _MARKS[decision]),
        verdict.claim,
    ]


def main_headline(results: Results) -> Headline | None:
    """Return what a reader came for: ours, in the session, with the database as it is."""
    summaries = [summary for summary in results.summaries if summary.ratios]
    if not summaries:
        return None
    summary = min(summaries, key=lambda each: (each.scenario != SESSION, each.regime != NATIVE))
    return Headline(
        summary, min(summary.ratios, key=lambda each: _VARIANTS.get(results.kinds[each.variant], 1))
    )


def range_of(interval: Interval) -> tuple[str, str, str]:
    """Return centre, low and high with as few digits as tell them apart, and from the claim."""
    values = (interval.centre, interval.low, interval.high)
    for digits in (0, 1) if min(values) >= 10 else (1,):  # noqa: PLR2004 - two digits are enough
        centre, low, high = (f"{value:.{digits}f}" for value in values)
        texts = (centre, low, high)
        same_side = all(
            (float(text) >= WANTED) == (value >= WANTED)
            for text, value in zip(texts, values, strict=True)
        )
        if len({*texts}) == len(values) and same_side:
            return texts
    return f"{values[0]:.2f}", f"{values[1]:.2f}", f"{values[2]:.2f}"


def failed_for(results: Results, headline: Headline) -> list[Check]:
    """Return the checks by which the headline is void, those of the very ratio first."""
    here = headline.summary.key
    names = (headline.ratio.reference, headline.ratio.variant)
    failed = [each for each in results.checks if each.voids(here, names, counts=False)]
    return sorted(failed, key=lambda check: (check.scenario, check.regime) != here)


def without_answer(results: Results) -> str:
    """Say why a run has no answer."""
    headline = main_headline(results)
    if headline is None:
        return "This run compared nothing: no pair of blocks came to its end."
    shown, who = headline.ratio.shown, headline.ratio.variant
    if shown is None:
        return (
            f"Too few blocks were measured to decide anything; in them {who} was "
            f"{headline.ratio.ratio:.2f} times as fast, with no interval around it."
        )
    failed = failed_for(results, headline)
    names = ", ".join(f'"{name}"' for name in dict.fromkeys(check.name for check in failed))
    advice = next((as_sentence(check.advice) for check in failed if check.advice), "")
    centre, low, high = range_of(shown)
    advised = f" {advice}" if advice else ""
    return (
        f"This run decides nothing. Failed checks: {names}.{advised} Until they pass, the "
        f"{centre} times ({low}-{high}) measured for {who} are a number, not a finding."
    )


def consequence(results: Results, headline: Headline) -> str:
    """Return what follows for the claim: one that was asked for, or else the literal one.

    Where the interval of running services is wide, also how long to measure for a narrow one.
    """
    about = (*headline.summary.key, headline.ratio.variant)
    mine = [
        each for each in results.verdicts if (each.scenario, each.regime, each.variant) == about
    ]
    asked = [verdict for verdict in mine if verdict.asked]
    chosen = asked or [verdict for verdict in mine if verdict.claim in _LITERAL_CLAIMS]
    if not chosen:
        return to_know(results)
    verdict = chosen[0]
    literal = verdict.claim in _LITERAL_CLAIMS
    name = f"the claimed {WANTED:g}x" if literal else f'the claim "{verdict.text}"'
    if verdict.verdict == "inconclusive":
        advice = to_decide(results, verdict)
        return f"It stays open whether {name} holds{f': {advice}' if advice else ''}."
    became = "held" if verdict.verdict == "reproduced" else "did not hold"
    return f"T{name[1:]} {became}. {to_know(results)}".rstrip()
