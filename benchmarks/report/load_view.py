"""The sections of a run with many users at a time, which Locust drove."""

from benchmarks.analysis.header import LoadRecord
from benchmarks.analysis.quantities.summary import Ratio, RegimeSummary
from benchmarks.report.computed import Results
from benchmarks.report.figures import MISSING, bounds, count, ms, significant, span_ms, times
from benchmarks.report.page import Section, Table


def under_load(results: Results, load: LoadRecord) -> Section:
    """Return who was served how fast, and by how much faster."""
    [scenario] = results.scenarios
    session = scenario.kind == "session"
    sentences = [
        f"{scenario.name}: {scenario.purpose}.",
        _driven(load, observations=results.options.observations or 0),
        f"The mean is of a whole session of {scenario.requests} requests."
        if session
        else "Means are of single requests.",
    ]
    rows = [row for summary in results.summaries for row in _rows(summary)]
    if not rows:
        sentences.append("No round of blocks came to its end.")
    headings = ("variant", "requests", "hits", "mean ms [90 %]", "as fast [90 %]")
    return Section("Under load", sentences, Table(headings, rows) if rows else None)


def by_outcome(results: Results) -> Section | None:
    """Return the times of single requests by what the cache did."""
    rows = [
        [
            variant.variant,
            latency.outcome,
            count(latency.requests),
            *map(ms, (latency.mean_ms, latency.p50_ms, latency.p95_ms, latency.p99_ms)),
        ]
        for summary in results.summaries
        for variant in summary.variants
        for latency in variant.latencies
    ]
    if not rows:
        return None
    headings = ("variant", "outcome", "requests", "mean ms", "p50", "p95", "p99")
    sentence = "Times of single requests; a percentile that too few of them tell is left out."
    return Section("One request", [sentence], Table(headings, rows))


def answers(results: Results) -> Section | None:
    """Return how often each variant answered what with which status."""
    rows = [
        [
            entry.variant,
            entry.action,
            str(entry.status) if entry.status else "no answer",
            count(entry.requests),
        ]
        for entry in results.answers or ()
    ]
    if not rows:
        return None
    sentence = "Every recorded request, those against itself included."
    headings = ("variant", "request", "status", "answers")
    return Section("Answers", [sentence], Table(headings, rows))


def _driven(load: LoadRecord, *, observations: int) -> str:
    what = f"{load.rate:g} per second" if load.rate else f"{load.users} users"
    processes = "1 process" if load.processes == 1 else f"{load.processes} processes"
    return (
        f"Locust {load.locust}, {what}, {processes}, {observations} blocks of "
        f"{significant(load.block_seconds)} s for each variant and as many against itself."
    )


def _rows(summary: RegimeSummary) -> list[list[str]]:
    ratios = {ratio.variant: ratio for ratio in summary.ratios}
    return [
        [
            variant.variant,
            count(sum(latency.requests for latency in variant.latencies)),
            f"{variant.hit_ratio:.2f}",
            span_ms(variant.total_ms),
            _speedup(variant.variant, summary.reference, ratios),
        ]
        for variant in summary.variants
    ]


def _speedup(name: str, reference: str, ratios: dict[str, Ratio]) -> str:
    if name == reference:
        return "reference"
    if name not in ratios:
        return MISSING
    return f"{times(ratios[name].ratio)} {bounds(ratios[name].shown)}"
