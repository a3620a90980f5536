"""The answer of a report in one sentence that needs no statistics."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.claims.claim import SESSION
from benchmarks.analysis.findings import Finding
from benchmarks.analysis.model.cost import CostModel
from benchmarks.analysis.quantities.summary import Ratio, RegimeSummary
from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.computed import Results
from benchmarks.report.figures import as_sentence, count, significant
from benchmarks.report.foreign import conditions
from benchmarks.storage.records import LOAD, NATIVE


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
    summary = min(
        summaries,
        key=lambda each: (
            each.scenario != SESSION,
            each.regime != NATIVE,
        ),
    )
    order = {"ours": 0, "ceiling": 2}
    return Headline(
        summary, min(summary.ratios, key=lambda each: order.get(results.kinds[each.variant], 1))
    )


def cost_model(summary: RegimeSummary, variant: str) -> CostModel | None:
    """Return a variant's mean costs in one regime, None without a database's time among them."""
    return summary.of(variant).costs if summary.database_ms else None


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LITERAL_CLAIM = "C2"
_LITERAL_CLAIMS = {_LITERAL_CLAIM, "L1"}
"""The tutorial's, and the same one of a run with many users at a time."""


def sentence(results: Results) -> str:
    """Return the sentence; it never says more than the run's verdicts and checks allow.

    A second one is on what was not looked at because that was asked for.
    """
    return " ".join(filter(None, [_sentence_of_run(results), conditions(results)]))


def _sentence_of_run(results: Results) -> str:
    headline = main_headline(results)
    ended = results.state == "complete"
    if headline is None:
        if ended:
            return "This run compared nothing: no pair of blocks came to its end."
        return f"This run is {results.state} and compared nothing: {results.reason}."
    before = "" if ended else f"This run is {results.state} ({results.reason}). "
    until = "" if ended else "until then, "
    shown = headline.ratio.shown
    if shown is None:
        fast = f"{headline.ratio.ratio:.2f} times as fast"
        return (
            f"{before}Too few blocks were measured to decide anything; in them "
            f"{_who(results, headline)} was {fast}, with no interval around it."
        )
    failed = _failed_for(results, headline)
    if failed:
        return before + _nothing_decided(results, headline, shown, failed)
    found = (
        f"{_place(results, headline)}{_who(results, headline)} {_effect(results, headline, shown)}"
    )
    return before + _capital(f"{until}{found}{_claimed(results, headline)}.")


def consequence(results: Results) -> str:
    """Return what follows for the claim, as a sentence of its own; empty without a claim."""
    headline = main_headline(results)
    said = _claimed(results, headline).removeprefix(", ").removeprefix("so ") if headline else ""
    return f"{_capital(said)}." if said else ""


def void(results: Results) -> bool:
    """Tell whether what the report is about first of all is not to be believed."""
    headline = main_headline(results)
    return headline is not None and bool(_failed_for(results, headline))


def range_of(interval: Interval, *, claimed: float | None = None) -> tuple[str, str, str]:
    """Return centre, low and high with as few digits as tell them apart, and from a claim."""
    values = (interval.centre, interval.low, interval.high)
    for digits in (0, 1) if min(values) >= 10 else (1,):  # noqa: PLR2004 - two digits are enough
        texts = tuple(f"{value:.{digits}f}" for value in values)
        same_side = claimed is None or all(
            (float(text) >= claimed) == (value >= claimed)
            for text, value in zip(texts, values, strict=True)
        )
        if len(set(texts)) == len(values) and same_side:
            return texts[0], texts[1], texts[2]
    return f"{values[0]:.2f}", f"{values[1]:.2f}", f"{values[2]:.2f}"


def what_is_asked(results: Results, summary: RegimeSummary) -> str:
    """Return in words what is done in a scenario."""
    [scenario] = [each for each in results.scenarios if each.name == summary.scenario]
    number = summary.reads
    many = _NUMBERS[number] if number < len(_NUMBERS) else count(number)
    known = (
        {}
        if results.environment.is_foreign
        else {
            "session": f"{many} reads of a user's list",
            "hits": f"{many} reads of a user's list with the cache filled before",
            "writes": f"{many} changes of a user's list",
        }
    )
    return known.get(scenario.name, f'"{scenario.name}" ({scenario.purpose})')


def _failed_for(results: Results, headline: Headline) -> list[Check]:
    """Return the checks by which the headline is void."""
    here = headline.summary.key
    names = (headline.ratio.reference, headline.ratio.variant)
    failed = [each for each in results.checks if each.voids(here, names, counts=False)]
    return sorted(failed, key=lambda check: (check.scenario, check.regime) != here)


def _nothing_decided(
    results: Results, headline: Headline, shown: Interval, failed: Sequence[Check]
) -> str:
    names = [f'"{name}"' for name in dict.fromkeys(check.name for check in failed)]
    checks, they = ("check", "it passes") if len(names) == 1 else ("checks", "they pass")
    advice = next((check.advice for check in failed if check.advice), "")
    advised = f"{as_sentence(advice)} " if advice else ""
    centre, low, high = range_of(shown)
    return (
        f"This run decides nothing: the {checks} {_listed(names)} failed. "
        f"{advised}Until {they}, the {centre} times (between "
        f"{low} and {high}) measured for {_who(results, headline)} are a number, not a finding."
    )


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _place(results: Results, headline: Headline) -> str:
    name = headline.summary.regime
    if name == NATIVE:
        return "in this run, " if results.environment.is_foreign else "with the database as it is, "
    [regime] = [each for each in results.regimes if each.name == name]
    return f"with {regime.description}, "


def _who(results: Results, headline: Headline) -> str:
    name = headline.ratio.variant
    return f"the {name} service" if results.kinds[name] == "ours" else name


def _reference(results: Results, headline: Headline) -> str:
    name = headline.ratio.reference
    return f"as {name}" if results.environment.is_foreign else f"as the {name} one"


def _effect(results: Results, headline: Headline, shown: Interval) -> str:
    asked, reference = what_is_asked(results, headline.summary), _reference(results, headline)
    if shown.low <= 1 <= shown.high:
        centre, low, high = (f"{each:.2f}" for each in (shown.centre, shown.low, shown.high))
        return (
            f"made no difference beyond the noise: it answered {asked} {centre} times "
            f"as fast {reference} (between {low} and {high})"
        )
    if shown.high < 1:
        slower = Interval(1 / shown.centre, 1 / shown.high, 1 / shown.low)
        centre, low, high = range_of(slower)
        return (
            f"was slower: {asked} took {centre} times as long {reference} (between {low} and "
            f"{high})"
        )
    centre, low, high = range_of(shown, claimed=_claim_value(results))
    return f"answered {asked} {centre} times as fast {reference} (between {low} and {high})"


def _claim_value(results: Results) -> float | None:
    claim = results.arithmetic.claims.get(_LITERAL_CLAIM)
    return claim.value if claim else None


def _claimed(results: Results, headline: Headline) -> str:
    """Return what follows for the claim: one that was asked for, or else the literal one."""
    mine = [verdict for verdict in results.verdicts if headline.is_of(verdict)]
    asked = [verdict for verdict in mine if verdict.asked]
    chosen = asked or [verdict for verdict in mine if verdict.claim in _LITERAL_CLAIMS]
    if not chosen:
        return ""
    verdict, value = chosen[0], _claim_value(results)
    literal = verdict.claim in _LITERAL_CLAIMS
    name = f"the claimed {value:g}x" if literal else f'the claim "{verdict.text}"'
    if verdict.verdict == "inconclusive":
        return f", which leaves open whether {name} holds"
    if verdict.verdict == "reproduced":
        return f", so {name} held"
    condition = _condition(headline, value) if literal and value else ""
    return f", so {name} did not hold{condition}"


def _condition(headline: Headline, claimed: float) -> str:
    """Return where the claim would hold, by the mean costs of this run."""
    model = cost_model(headline.summary, headline.ratio.variant)
    alone = headline.summary.scenario == SESSION and headline.summary.regime != LOAD
    if model is None or not alone:
        return ""
    reads = int(claimed) + 1
    slow_ms = model.database_needed_ms(claimed, reads=reads)
    as_it_is = model.reads_needed(claimed)
    ways = []
    if as_it_is is not None:
        ways.append(f"from {as_it_is} reads per change on")
    if slow_ms is not None and slow_ms > model.database_ms:
        ways.append(
            f"with a database slower than about {significant(slow_ms, 2)} ms and at least "
            f"{reads} reads per change"
        )
    return f"; by this run's costs it would {', or '.join(ways)}" if ways else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
