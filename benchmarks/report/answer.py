"""The first screen of a report: one figure, one sentence, two pairs of bars, three claims."""

from collections.abc import Iterator, Mapping

from benchmarks.analysis.findings import Finding
from benchmarks.analysis.quantities.summary import RegimeSummary
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figures import count, factor
from benchmarks.report.foreign import conditions
from benchmarks.report.judged import measured
from benchmarks.report.page import Bar, ReportAnswer, TonedText, judged
from benchmarks.report.sentence import (
    Headline,
    consequence,
    failed_for,
    main_headline,
    range_of,
)
from benchmarks.storage.records import LOAD

_SLOW, _WRITING, _FAR = "50ms-per-request", "half-writes", "redis+5ms"
_NONE = "no difference that this run can show"
_NUMBERS = {5: "five"}
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
    many = _NUMBERS.get(summary.reads, count(summary.reads))
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
    for summary in results.summaries:
        if summary.key == (scenario, regime):
            for ratio in summary.ratios:
                if ratio.variant == variant and ratio.shown:
                    return ratio.shown
    return None


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
    given = results.arithmetic
    bars = [
        Bar("tutorial, without Redis", given.uncached_ms, measured=False),
        Bar("tutorial, with Redis", given.cached_ms, measured=False),
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
        TonedText(verdict.claim),
    ]
