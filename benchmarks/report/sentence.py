"""The ratio that a report is about, what follows from it, and what is said where nothing does."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.quantities.summary import Ratio, RegimeSummary
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import WANTED, Results
from benchmarks.report.figures import as_sentence, significant
from benchmarks.report.longer import to_decide, to_know
from benchmarks.storage.records import LOAD, NATIVE

_LITERAL_CLAIMS = {"C2", "L1"}
"""The tutorial's 5x, and the same one of a run with many users at a time."""
_ORDER = {"ours": 0, "ceiling": 2}


@dataclass(frozen=True, slots=True)
class Headline:
    """One ratio of one scenario in one regime."""

    summary: RegimeSummary
    ratio: Ratio

    def is_of(self, verdict: Finding) -> bool:
        """Tell whether a verdict is about this ratio."""
        mine = (*self.summary.key, self.ratio.variant)
        return (verdict.scenario, verdict.regime, verdict.variant) == mine


def main_headline(results: Results) -> Headline | None:
    """Return what a reader came for: ours, in the session, with the database as it is."""
    summaries = [summary for summary in results.summaries if summary.ratios]
    if not summaries:
        return None
    summary = min(summaries, key=lambda each: (each.scenario != SESSION, each.regime != NATIVE))
    return Headline(
        summary, min(summary.ratios, key=lambda each: _ORDER.get(results.kinds[each.variant], 1))
    )


def cost_model(summary: RegimeSummary, variant: str) -> CostModel | None:
    """Return a variant's mean costs in one regime, None without a database's time among them."""
    return summary.of(variant).costs if summary.database_ms else None


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
    return _nothing_decided(failed_for(results, headline), shown, who)


def _nothing_decided(failed: Sequence[Check], shown: Interval, who: str) -> str:
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
    mine = [verdict for verdict in results.verdicts if headline.is_of(verdict)]
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
    if verdict.verdict == "reproduced":
        said = f"T{name[1:]} held."
    else:
        said = f"T{name[1:]} did not hold{_condition(headline) if literal else ''}."
    return f"{said} {to_know(results)}".rstrip()


def _condition(headline: Headline) -> str:
    """Return where the claim would hold, by the mean costs of this run."""
    model = cost_model(headline.summary, headline.ratio.variant)
    alone = headline.summary.scenario == SESSION and headline.summary.regime != LOAD
    if model is None or not alone:
        return ""
    reads = int(WANTED) + 1
    slow_ms = model.database_needed_ms(WANTED, reads=reads)
    as_it_is = model.reads_needed(WANTED)
    ways = []
    if as_it_is is not None:
        ways.append(f"from {as_it_is} reads per change on")
    if slow_ms is not None and slow_ms > model.database_ms:
        ways.append(
            f"with a database slower than about {significant(slow_ms, 2)} ms and at least "
            f"{reads} reads per change"
        )
    return f"; by this run's costs it would {', or '.join(ways)}" if ways else ""
