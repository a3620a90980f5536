"""The remarks that a reader of the verdict's one sentence needs."""

from collections import Counter

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figures import count, significant
from benchmarks.report.metadata import of_the_database
from benchmarks.report.sentence import Headline, main_headline, range_of

_OF_THE_RATIO = {"C1", "C2"}


def remarks(results: Results) -> list[str]:
    """Return them, the most important first."""
    headline = main_headline(results)
    if headline is None:
        return []
    return [
        *_wrong_answers(results),
        *_other_regimes(results, headline),
        *_other_variants(headline),
        *_failed(results),
        *of_the_database(results.environment, results.models),
    ]


def _wrong_answers(results: Results) -> list[str]:
    right = [entry for entry in results.coherence if not entry.wrong and entry.hits]
    lines = [
        f"{count(entry.wrong)} of {count(entry.reads)} checked reads of {entry.variant} "
        "were wrong: its speed is bought with wrong answers."
        for entry in results.coherence
        if entry.wrong
    ]
    if right:
        named = ", ".join(f"{entry.variant} ({count(entry.reads)})" for entry in right)
        lines.append(
            f"No checked read of {named}, made while others wrote, was stale or otherwise wrong."
        )
    return lines


def _other_regimes(results: Results, headline: Headline) -> list[str]:
    """Say what came of the same session in the other regimes that claims are judged in."""
    judged = {name for name, role in results.roles.items() if role == "claim"}
    return [
        _of_regime(results, Headline(summary, ratio), ratio.shown)
        for summary in results.summaries
        for ratio in summary.ratios
        if summary.scenario == headline.summary.scenario
        and summary.regime in judged - {headline.summary.regime}
        and ratio.variant == headline.ratio.variant
        and ratio.shown
    ]


def _of_regime(results: Results, headline: Headline, shown: Interval) -> str:
    name = headline.summary.regime
    [described] = [each.description for each in results.regimes if each.name == name]
    centre, low, high = range_of(shown, claimed=5.0)
    claims = results.arithmetic.claims
    judged = [
        f"{significant(claims[each.claim].value)}x {each.verdict}"
        for each in results.verdicts
        if headline.is_of(each) and each.claim in _OF_THE_RATIO
    ]
    found = f"{centre} times as fast (between {low} and {high})"
    return f"{name} ({described}): {'; '.join([found, *judged])}."


def _other_variants(headline: Headline) -> list[str]:
    others = [
        f"{ratio.variant} {ratio.ratio:.2f} times"
        for ratio in headline.summary.ratios
        if ratio.variant != headline.ratio.variant
    ]
    if not others:
        return []
    return [f"In the same blocks, as fast as {headline.ratio.reference}: {', '.join(others)}."]


def _failed(results: Results) -> list[str]:
    times = Counter(check.name for check in failed_checks(results.checks))
    names = [f"{name} ({number} times)" if number > 1 else name for name, number in times.items()]
    return [f"Checks that found something wrong: {', '.join(names)}."] if names else []
