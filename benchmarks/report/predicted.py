"""The sections on what was predicted: hit ratios of mixes, and the cost model."""

from benchmarks.analysis.quantities.workloads import WorkloadResult
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figures import MISSING, faster, ms, times
from benchmarks.report.page import Section, Table


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
