"""The sections about services that were running already: their requests and their answers."""

from collections.abc import Sequence

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.analysis.header import DifferingAnswer, MeasuredScenario
from benchmarks.analysis.model.observed import LEAST_OUTCOMES
from benchmarks.analysis.quantities.summary import EndpointSummary
from benchmarks.report.computed import Results
from benchmarks.report.figures import count, faster, ms, two_decimals
from benchmarks.report.page import Section, Table
from benchmarks.storage.plain import to_plain

_SHORT = ("claim", "text", "verdict", "ratio", "low", "high")


def conditions(results: Results) -> str:
    """Return what was not looked at because that was asked for, as sentences; often empty."""
    if not results.environment.is_foreign:
        return ""
    options = results.options
    said = []
    if options.bodies_compared is False:
        said.append("Bodies were not compared (--ignore-bodies).")
    if options.ignored:
        said.append(f"Answers were allowed to differ in {', '.join(options.ignored)}.")
    if options.certificates_verified is False:
        said.append("Certificates were not verified (--insecure).")
    if options.redirects_followed:
        said.append("Redirects were followed, and are part of the times.")
    return " ".join(said)


def requests(results: Results, scenario: MeasuredScenario) -> Section | None:
    """Return what each kind of request took each service."""
    summaries = [each for each in results.summaries if each.scenario == scenario.name]
    rows = [each for summary in summaries for each in summary.endpoints or ()]
    if not rows:
        return None
    reference = results.reference
    known = any(row.hit_ratio is not None for row in rows)
    what = (
        "Times are of single requests in ms; a ratio above 1 is faster than the reference, "
        f"{reference}."
    )
    sentences = [what]
    if known:
        sentences.append(
            "Pays from: the hit ratio from which on a request is faster than that of "
            f"{reference}, by the mean times of that, of a hit and of a miss; never where a hit is "
            f"no faster, and not known before {LEAST_OUTCOMES} hits and {LEAST_OUTCOMES} misses "
            "were seen and where the reference has a cache."
        )
    cache = ("hit ratio", "hit p50", "miss p50", "pays from") if known else ()
    headings = ("request", "service", "requests", "p50", "p95", *cache, "ratio [90 %]")
    cells = [
        [
            row.action,
            row.variant,
            count(row.requests),
            ms(row.p50_ms),
            ms(row.p95_ms),
            *(_of_the_cache(row) if known else ()),
            "reference" if row.variant == reference else faster(row.ratio),
        ]
        for row in rows
    ]
    return Section("Each request", sentences, Table(headings, cells))


def differences(results: Results) -> Section | None:
    """Return where answers differed first, None where none did."""
    found = results.differences
    if not found:
        return None
    rows = [[each.action, str(each.user), each.place, _answers(each.answers)] for each in found]
    what = (
        "The first place in which two answers to the same request differ. --ignore leaves out what "
        "may differ, such as --ignore '$..updated_at'."
    )
    sentences = [what]
    if any(answer.file for each in found for answer in each.answers):
        sentences.append("Both bodies are in the folder answers of this run.")
    return Section(
        "Different answers",
        sentences,
        Table(("request", "user", "place", "answers"), rows),
        kind="wrong answers",
    )


def in_short(results: Results) -> dict[str, object]:
    """Return what programs want to know of a run, as plain values."""
    return {
        "reference": results.reference,
        "ratios": [
            {"scenario": summary.scenario, "service": each.variant, "ratio": to_plain(each.shown)}
            for summary in results.summaries
            for each in summary.ratios
        ],
        "requests": [
            to_plain(row) for summary in results.summaries for row in summary.endpoints or ()
        ],
        "verdicts": [{key: getattr(each, key) for key in _SHORT} for each in results.verdicts],
        "wrong": [
            {"check": each.name, "seen": each.detail, "advice": each.advice}
            for each in failed_checks(results.checks)
        ],
        "differences": to_plain(results.differences or ()),
        "conditions": conditions(results),
    }


def _answers(answers: Sequence[DifferingAnswer]) -> str:
    return "; ".join(
        f"{each.variant} {each.status}{': ' if each.said else ''}{each.said}" for each in answers
    )


def _of_the_cache(row: EndpointSummary) -> Sequence[str]:
    never = row.costs and row.break_even_hit_ratio is None
    return (
        two_decimals(row.hit_ratio),
        ms(row.hit_p50_ms),
        ms(row.miss_p50_ms),
        "never" if never else two_decimals(row.break_even_hit_ratio),
    )
