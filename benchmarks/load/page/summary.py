"""The summary of a finished load: both variants and their ratio, for the page and as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.load.metrics import FAILED, MetricsStore
from benchmarks.load.page.data import NOT_READ, US_PER_MS, hit_ratio_of, tail_ms
from benchmarks.report.figure import to_csv

_FIGURES = ("requests", "requests_per_second", "p50_ms", "p95_ms", "failed", "hit_ratio")


def summary(
    metrics: MetricsStore, *, variants: Sequence[str], seconds: float
) -> Mapping[str, Any] | None:
    """Return how long the load was and a row per variant, None where nothing was answered.

    The percentiles are those of reads. Of two variants there is a third row: the second by the
    first, where both have a figure.
    """
    rows = [_row(metrics, variant, seconds) for variant in variants]
    if not any(row["requests"] for row in rows):
        return None
    if len(rows) > 1:
        rows.append(_ratio(*rows))
    return {"seconds": seconds, "rows": rows}


def _row(metrics: MetricsStore, variant: str, seconds: float) -> dict[str, Any]:
    requests = metrics.total_of(variant).requests
    reads, totals = metrics.total_of(variant, without=NOT_READ), metrics.totals()
    failed = totals.get((variant, FAILED))
    return {
        "variant": variant,
        "requests": requests,
        "requests_per_second": requests / seconds if seconds else None,
        "p50_ms": reads.p50_us / US_PER_MS if reads.requests else None,
        "p95_ms": tail_ms(reads.p95_us, 95, reads.requests),
        "failed": failed.requests if failed else 0,
        "hit_ratio": hit_ratio_of(totals, variant),
    }


def _ratio(reference: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return each figure of a variant divided by that of the reference."""
    return {
        "variant": f"{variant['variant']} / {reference['variant']}",
        **{
            name: variant[name] / reference[name] if variant[name] and reference[name] else None
            for name in _FIGURES
        },
    }


def summary_csv(made: Mapping[str, Any], *, workload: str) -> str:
    """Return the rows of a summary as CSV, with how long the load was and what its users did."""
    headings = ("workload", "seconds", "variant", *_FIGURES)
    load = (workload, _text(made["seconds"]))
    rows = [
        (*load, row["variant"], *(_text(row[name]) for name in _FIGURES)) for row in made["rows"]
    ]
    return to_csv((headings, *rows))


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.9g}"
