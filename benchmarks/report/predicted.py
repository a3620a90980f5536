"""The sections on what was predicted: hit ratios of mixes, and the cost model."""

from benchmarks.analysis.quantities.workloads import WorkloadResult
from benchmarks.report.computed import ModelResult, Results
from benchmarks.report.figures import MISSING, count, faster, ms, times
from benchmarks.report.page import Section, Table


def mixes(results: Results) -> Section | None:
    """Return what each variant does in each mix, None for a run without any."""
    rows = [_mix(entry) for entry in results.workloads]
    if not rows:
        return None
    purposes = [
        f"{entry.name}: {entry.purpose}." for entry in results.scenarios if entry.kind == "mix"
    ]
    method = (
        "Every block starts from an empty cache and asks every variant for the same operations of "
        "many users, one after the other. Hits are the share of reads that found the list and the "
        "account. A short block hits less than a long one: every user's first read is a miss."
    )
    headings = ("mix", "variant", "hits", "operations")
    return Section("Mixes", [method, *purposes], Table(headings, rows))


def mix_speedups(results: Results) -> Section | None:
    """Return how much faster each variant is in each mix, None for a run without any."""
    rows = [_speedups(entry) for entry in results.workloads]
    if not rows:
        return None
    method = (
        "Ratios to the same operations of the reference. A median says nothing of the misses and "
        "a p99 little else, so they stand beside the mean."
    )
    headings = ("mix", "variant", "all [95 %]", "reads", "p50", "p95", "p99")
    return Section("Mixes: how much faster", [method], Table(headings, rows), kind="detail")


def model(results: Results) -> Section | None:
    """Return the cost models with their predictions, None for a run without any."""
    if not results.models:
        return None
    sentences = [sentence for entry in results.models for sentence in _model(entry)]
    rows = [
        [
            entry.variant,
            residual.scenario,
            residual.regime,
            residual.what,
            _value(residual.predicted, residual.unit),
            _value(residual.measured, residual.unit),
            f"{residual.error:+.0%}" + (" MISSED" if residual.flagged else ""),
        ]
        for entry in results.models
        for residual in entry.residuals
    ]
    headings = ("variant", "scenario", "regime", "what", "predicted", "measured", "off")
    return Section("Cost model", sentences, Table(headings, rows) if rows else None, kind="model")


def _mix(entry: WorkloadResult) -> list[str]:
    return [
        entry.scenario,
        entry.variant,
        f"{entry.hit_ratio:.2f}",
        count(entry.operations),
    ]


def _speedups(entry: WorkloadResult) -> list[str]:
    percentiles = [entry.percentiles[name] for name in ("p50", "p95", "p99")]
    reads = entry.reads_speedup
    return [
        entry.scenario,
        entry.variant,
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
        "than 10 %: figures/residuals.csv has each of them."
    )
    return [fitted, f"{pays} {reach}", missed_by]


def _value(value: float, unit: str) -> str:
    return f"{ms(value)} ms" if unit == "ms" else times(value)
