"""The sections of what was measured, and of what the cost model makes of it."""

from collections.abc import Sequence

from benchmarks.analysis.header import LoadRecord, MeasuredScenario
from benchmarks.analysis.quantities.capacity import SweepPoint
from benchmarks.analysis.quantities.open_loop import RatePoint
from benchmarks.analysis.quantities.summary import (
    RegimeSummary,
    VariantSummary,
    WorkloadResult,
)
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figures import (
    MISSING,
    bounds,
    count,
    faster,
    ms,
    ratio,
    significant,
    span_ms,
    times,
    two_decimals,
)
from benchmarks.report.page import Section, Table
from benchmarks.storage.records import Coherence

_STARTS = {
    "never": "from a cold cache",
    "session": "with the cache filled before",
    "request": "each with the cache filled before",
}


def sessions(results: Results, scenario: MeasuredScenario) -> Section:
    """Return the times of whole sessions, and their ratio to the reference."""
    summaries = [each for each in results.summaries if each.scenario == scenario.name]
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
    headings = ("regime", "variant", "mean ms [90 %]", f"{speedup} [90 %]")
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
        for summary in claimed_cases(results, scenario.name)
        for variant in summary.variants
    ]
    headings = ["regime", "variant", *outcomes, "database"]
    if scenario.changes:
        what, sentence = "write", "Median ms of one write"
    else:
        what, sentence = "read", "Median ms of one read by its outcome"
        headings.append("hit ratio")
    sentence += "; database time as the service reports it."
    heading = f"Scenario {scenario.name}: one {what}"
    return Section(heading, [sentence], Table(headings, rows) if rows else None)


def claimed_cases(results: Results, scenario: str) -> list[RegimeSummary]:
    """Return a scenario without sweeps, of which the whole sessions and the figures say enough."""
    return [
        each
        for each in results.summaries
        if each.scenario == scenario and results.roles[each.regime] == "claim"
    ]


def speedup_of(summary: RegimeSummary, variant: str) -> str:
    """Return how many times as fast as the reference a variant was, with the interval."""
    if variant == summary.reference:
        return "reference"
    found = summary.ratio_of(variant)
    return f"{times(found.ratio)} {bounds(found.shown)}" if found else MISSING


def under_load(results: Results, load: LoadRecord) -> Section:
    """Return the times of each variant under load, and their ratio to the reference."""
    [scenario] = results.scenarios
    session = scenario.kind == "session"
    sentences = [
        f"{scenario.name}: {scenario.purpose}.",
        _driven(load, observations=results.options.observations or 0),
        f"The mean is of a whole session of {scenario.requests} requests."
        if session
        else "Means are of single requests.",
    ]
    rows = [row for summary in results.summaries for row in _load_rows(summary)]
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


def open_loop(results: Results) -> Section | None:
    """Return the response times at each rate of arrivals, None where none was offered."""
    found = results.open_loop
    if not found.points:
        return None
    variants = list(found.highest_sustained)
    points = sorted(found.points, key=lambda each: (variants.index(each.variant), each.rate))
    sustained = [
        f"{variant} {_sustained([each for each in points if each.variant == variant], highest)}"
        for variant, highest in found.highest_sustained.items()
    ]
    what = (
        "Warm reads arrive at random on a schedule that does not wait for answers; times count "
        "from the intended start. Above the highest rate that a variant sustains its queue only "
        "grows, so there is no time to report."
    )
    sentences = [what, f"Sustained: {'; '.join(sustained)}."]
    rows = [_rate_row(point, found.highest_sustained[point.variant]) for point in points]
    headings = ("variant", "per second", "p50 ms", "p99 ms", "result")
    return Section("Warm reads on a schedule", sentences, Table(headings, rows))


def _sustained(points: Sequence[RatePoint], highest: float | None) -> str:
    """Say between which of its rates the highest lies that a variant sustains."""
    unstable = [point.rate for point in points if point.stability == "unstable"]
    known = [f"at least {highest:g}"] if highest else []
    known += [f"less than {min(unstable):g}"] if unstable else []
    following = [point.stability for point in points if point.rate > (highest or 0)]
    if following[:1] == ["unstable"]:
        return f"{highest:g} per second" if highest else "none of the rates"
    return f"{', '.join(known)} per second" if known else "not known"


def _rate_row(point: RatePoint, highest: float | None) -> list[str]:
    # A rate above one that was not sustained was luck.
    lucky = point.stability == "stable" and point.rate > (highest or 0)
    figures = None if lucky else point.figures
    reason = "but a lower rate was not" if lucky else point.reason
    return [
        point.variant,
        f"{point.rate:g}",
        ms(figures.p50_ms if figures else None),
        ms(figures.p99_ms if figures else None),
        f"{point.stability}: {reason}" if reason else point.stability,
    ]


def warm_reads(points: Sequence[SweepPoint], reference: str) -> Section | None:
    """Return the requests per second by connections, None where that was not measured."""
    if not points:
        return None
    rows = [
        [
            *point_cells(point),
            ms(point.p99_ms),
            two_decimals(point.service_cores) + (" client!" if point.client_limited else ""),
            ratio(point.speedup, "reference" if point.variant == reference else MISSING),
        ]
        for point in points
    ]
    sentence = (
        "Every connection sends its next request as soon as it has its answer. Latencies are "
        "medians of the rounds; cores are the processor time of the service per second; client! "
        "marks where the client itself may have been the limit."
    )
    headings = ("variant", "conn.", "req/s", "p50 ms", "p99 ms", "cores", f"to {reference} [90 %]")
    return Section("Warm reads by connections", [sentence], Table(headings, rows))


def point_cells(point: SweepPoint) -> list[str]:
    """Return what a row of a point begins with: whose it is, requests per second, the median."""
    rate = count(round(point.rate))
    return [point.variant, str(point.connections), rate, ms(point.p50_ms)]


def mixes(results: Results) -> Section | None:
    """Return what each variant does in each mix, None for a run without any."""
    if not results.workloads:
        return None
    purposes = [
        f"{entry.name}: {entry.purpose}." for entry in results.scenarios if entry.kind == "mix"
    ]
    method = (
        "Every block starts from an empty cache and asks every variant for the same operations of "
        "many users, one after the other. Hits are the share of reads that found the list and the "
        "account; a short block hits less than a long one, for every user's first read is a miss. "
        "Ratios are to the same operations of the reference: a median says nothing of the misses "
        "and a p99 little else."
    )
    headings = ("mix", "variant", "hits", "all [90 %]", "reads", "p50", "p99")
    rows = [_mix(entry) for entry in results.workloads]
    return Section("Mixes", [method, *purposes], Table(headings, rows))


def model(results: Results) -> Section | None:
    """Return the cost models with their predictions, None for a run without any."""
    if not results.models:
        return None
    return Section(
        "Cost model", [sentence for entry in results.models for sentence in _model(entry)]
    )


def _driven(load: LoadRecord, *, observations: int) -> str:
    what = f"{load.rate:g} per second" if load.rate else f"{load.users} users"
    processes = "1 process" if load.processes == 1 else f"{load.processes} processes"
    return (
        f"Locust {load.locust}, {what}, {processes}, {observations} blocks of "
        f"{significant(load.block_seconds)} s for each variant and as many against itself."
    )


def _load_rows(summary: RegimeSummary) -> list[list[str]]:
    return [
        [
            variant.variant,
            count(sum(latency.requests for latency in variant.latencies)),
            f"{variant.hit_ratio:.2f}",
            span_ms(variant.total_ms),
            speedup_of(summary, variant.variant),
        ]
        for variant in summary.variants
    ]


def _session_rows(summary: RegimeSummary, wrong: dict[str, str]) -> list[list[str]]:
    return [
        [
            summary.regime,
            variant.variant,
            span_ms(variant.total_ms),
            speedup_of(summary, variant.variant) + wrong.get(variant.variant, ""),
        ]
        for variant in summary.variants
    ]


def _stale(found: Coherence) -> str:
    return f" stale reads: {count(found.stale)} of {count(found.reads)}"


def _p50(variant: VariantSummary, outcome: str) -> float | None:
    medians = (entry.p50_ms for entry in variant.latencies if entry.outcome == outcome)
    return next(medians, None)


def _mix(entry: WorkloadResult) -> list[str]:
    reads = entry.reads_speedup
    percentiles = [entry.percentiles[name] for name in ("p50", "p99")]
    return [
        entry.scenario,
        entry.variant,
        f"{entry.hit_ratio:.2f}",
        faster(entry.speedup),
        MISSING if reads is None else times(reads.centre),
        *(MISSING if value is None else times(value) for value in percentiles),
    ]


def _model(entry: ModelResult) -> list[str]:
    parts, wanted = entry.fit.model, f"{entry.wanted:g}x"
    fitted = (
        f"{entry.variant}: from the spans of the native regime a = {ms(parts.app_ms)} ms "
        f"that every read takes, d = {ms(parts.database_ms)} ms that a hit avoids, "
        f"c = {ms(parts.hit_ms)} ms that it costs instead, m = {ms(parts.miss_ms)} ms more "
        f"for a miss, i = {ms(parts.invalidation_ms)} ms more for a write."
    )
    least, needed = entry.break_even_hit_ratio, entry.hit_ratio_needed
    pays = (
        "It is never worth it with this database."
        if least is None
        else f"It is worth it from a hit ratio of {least:.2f} on."
    )
    reach = (
        f"No hit ratio makes reads {wanted} faster here: that takes a database that a hit avoids "
        f"waiting {ms(entry.least_database_ms)} ms for."
        if needed is None
        else f"Reads are {wanted} faster from a hit ratio of {needed:.2f} on."
    )
    missed = sum(residual.flagged for residual in entry.residuals)
    missed_by = (
        f"Of {len(entry.residuals)} things it was not fitted to, it misses {missed} by more "
        "than 10 %: results.json has each of them."
    )
    return [fitted, f"{pays} {reach}", missed_by]
