"""The sections of one scenario: sessions, single requests, and the hit path."""

from benchmarks.analysis.header import MeasuredScenario
from benchmarks.analysis.quantities.estimates import BOUNDS
from benchmarks.analysis.quantities.summary import Ratio, RegimeSummary, VariantSummary
from benchmarks.report.computed import Results
from benchmarks.report.figures import MISSING, bounds, count, faster, ms, ratio, span_ms, times
from benchmarks.report.page import Section, Table, judged
from benchmarks.storage.records import Coherence

_STARTS = {
    "never": "from a cold cache",
    "session": "with the cache filled before",
    "request": "each with the cache filled before",
}


def sessions(results: Results, scenario: MeasuredScenario) -> Section:
    """Return the times of whole sessions, and their ratio to the reference."""
    summaries = _of(results, scenario)
    many = scenario.requests
    what = "write" if scenario.changes else "read"
    what = "request" if results.environment.is_foreign else what
    what += "" if many == 1 else "s"
    start = "" if results.environment.is_foreign else f" {_STARTS[scenario.primed]}"
    sentences = [f"Times are of a whole session: {many} {what} of one user{start}."]
    sentences += _left_out(results)
    wrong = {found.variant: _stale(found) for found in results.coherence if found.stale}
    rows = [row for summary in summaries for row in _session_rows(summary, wrong)]
    if not rows:
        sentences.append("No pair of blocks came to its end.")
    speedup = "ratio" if results.environment.is_foreign else f"S({many})"
    headings = ("regime", "variant", "mean ms [95 %]", f"{speedup} [95 %]")
    table = Table(headings, rows) if rows else None
    return Section(f"Scenario {scenario.name}", sentences, table)


def _left_out(results: Results) -> list[str]:
    """Say which regimes were skipped and why, once for each reason."""
    names: dict[str, list[str]] = {}
    for regime in results.regimes:
        if regime.skipped:
            names.setdefault(regime.skipped, []).append(regime.name)
    return [
        f"Left out, and the check of a known delay with it: {', '.join(each)}, because {why}."
        for why, each in names.items()
    ]


def requests(results: Results, scenario: MeasuredScenario) -> Section:
    """Return the median request by what the cache did."""
    outcomes = ("write",) if scenario.changes else ("bypass", "miss", "hit")
    rows = [
        [
            summary.regime,
            variant.variant,
            *(ms(_p50(variant, outcome)) for outcome in outcomes),
            ms(variant.database_ms),
            *([] if scenario.changes else [f"{variant.hit_ratio:.2f}"]),
        ]
        for summary in _claimed(results, scenario)
        for variant in summary.variants
    ]
    headings = ["regime", "variant", *outcomes, "database"]
    if scenario.changes:
        heading, sentence = "One write", "Median ms of one write"
    else:
        heading, sentence = "One read", "Median ms of one read by its outcome"
        headings.append("hit ratio")
    sentence += "; database time as the service reports it."
    return Section(heading, [sentence], Table(headings, rows) if rows else None, kind="detail")


def hit_path(results: Results, scenario: MeasuredScenario) -> Section | None:
    """Return what a read costs once the cache is filled, None for a scenario of writes."""
    summaries = [each for each in _claimed(results, scenario) if each.hit_paths]
    if not summaries:
        return None
    reference = results.options.variants[0]
    ceiling = results.ceiling
    counted = "all but the first read" if scenario.primed == "never" else "all reads"
    what = (
        f"Reads that a filled cache answers ({counted} of a session), and how many times faster "
        f"they are than the same reads of {reference}."
    )
    sentences = [what]
    headings = ["regime", "variant", "median ms", f"to {reference} [95 %]"]
    if ceiling:
        headings.append(f"of {ceiling} [95 %]")
        sentences.append(f"{ceiling} is what no variant on this server can beat: 1 is as fast.")
    rows = [
        [
            summary.regime,
            path.variant,
            ms(path.p50_ms),
            faster(path.speedup, "reference"),
            *([ratio(path.of_ceiling, "ceiling")] if ceiling else []),
        ]
        for summary in summaries
        for path in summary.hit_paths
    ]
    return Section("The hit path", sentences, Table(headings, rows), kind="detail")


def overhead(results: Results, scenario: MeasuredScenario) -> Section | None:
    """Return what the cache costs on a miss or a write, None for a scenario that has neither."""
    summaries = [each for each in _claimed(results, scenario) if each.overheads]
    if not summaries:
        return None
    reference = results.options.variants[0]
    what = summaries[0].overheads[0].what
    sentence = (
        f"Mean time of a {what} as a multiple of {reference}'s at the same place; of ours at most "
        f"{BOUNDS[what]:g} is asked, by the whole 90 % interval."
    )
    rows = [
        [
            summary.regime,
            each.variant,
            faster(each.ratio),
            judged(each.decision) if results.kinds[each.variant] == "ours" else MISSING,
        ]
        for summary in summaries
        for each in summary.overheads
    ]
    headings = ("regime", "variant", f"{what} [90 %]", f"at most {BOUNDS[what]:g}x")
    return Section(f"The price of a {what}", [sentence], Table(headings, rows), kind="detail")


def capacity(results: Results) -> Section | None:
    """Return the requests per second by connections, None where that was not measured."""
    points = results.capacity
    if not points:
        return None
    reference = results.options.variants[0]
    rows = [
        [
            point.variant,
            str(point.connections),
            count(round(point.rate)) + (" client!" if point.client_limited else ""),
            ms(point.p50_ms),
            ratio(point.speedup, "reference" if point.variant == reference else MISSING),
        ]
        for point in points
    ]
    sentence = (
        "Warm reads per second of one worker, every connection asking as soon as it has its "
        "answer; client! marks where the client itself may have been the limit."
    )
    headings = ("variant", "connections", "requests/s", "p50 ms", f"to {reference} [95 %]")
    return Section("Warm reads by connections", [sentence], Table(headings, rows))


def _of(results: Results, scenario: MeasuredScenario) -> list[RegimeSummary]:
    return [entry for entry in results.summaries if entry.scenario == scenario.name]


def _claimed(results: Results, scenario: MeasuredScenario) -> list[RegimeSummary]:
    """Leave the sweeps out, of which the whole sessions and the figures say enough."""
    return [entry for entry in _of(results, scenario) if results.roles[entry.regime] == "claim"]


def _session_rows(summary: RegimeSummary, wrong: dict[str, str]) -> list[list[str]]:
    ratios = {ratio.variant: ratio for ratio in summary.ratios}
    return [
        [
            summary.regime,
            variant.variant,
            span_ms(variant.total_ms),
            _speedup(ratios.get(variant.variant)) + wrong.get(variant.variant, ""),
        ]
        for variant in summary.variants
    ]


def _speedup(ratio: Ratio | None) -> str:
    return f"{times(ratio.ratio)} {bounds(ratio.shown)}" if ratio else "reference"


def _stale(found: Coherence) -> str:
    return f" stale reads: {count(found.stale)} of {count(found.reads)}"


def _p50(variant: VariantSummary, outcome: str) -> float | None:
    medians = (entry.p50_ms for entry in variant.latencies if entry.outcome == outcome)
    return next(medians, None)
