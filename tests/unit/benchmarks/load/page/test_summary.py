"""What is said of a load that ended, on the page and as a file."""

import csv

import pytest

from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.summary import summary, summary_csv

BOTH = ("uncached", "cached")


@pytest.fixture
def metrics() -> MetricsStore:
    """Have 40 uncached requests of 8 ms, 80 cached ones of 1 ms, 5 writes and 5 failures."""
    metrics = MetricsStore()
    for second in range(40):
        metrics.record(second, "uncached", "bypass", 8000)
        metrics.record(second, "cached", "hit", 1000)
        metrics.record(second, "cached", "miss" if second % 4 == 0 else "hit", 1000)
    for second in range(5):
        metrics.record(second, "cached", "write", 90_000)
        metrics.record(second, "cached", "failed", 90_000)
    return metrics


def test_each_variant_has_its_row_and_the_last_one_is_their_ratio(metrics: MetricsStore) -> None:
    made = summary(metrics, variants=BOTH, seconds=20.0)

    assert made is not None
    assert made["seconds"] == 20.0
    uncached, cached, ratio = ({**row} for row in made["rows"])
    assert uncached == {
        "variant": "uncached",
        "requests": 40,
        "requests_per_second": 2.0,
        "p50_ms": pytest.approx(8, rel=0.001),
        "p95_ms": pytest.approx(8, rel=0.001),
        "failed": 0,
        "hit_ratio": None,
    }
    assert (cached["requests"], cached["requests_per_second"]) == (90, 4.5)
    assert (cached["failed"], cached["hit_ratio"]) == (5, 0.875)
    # Of reads: neither writes nor failures are in it.
    assert cached["p95_ms"] == 1
    assert ratio == {
        "variant": "cached / uncached",
        "requests": 2.25,
        "requests_per_second": 2.25,
        "p50_ms": pytest.approx(1 / 8, rel=0.001),
        "p95_ms": pytest.approx(1 / 8, rel=0.001),
        "failed": None,
        "hit_ratio": None,
    }


def test_one_service_has_no_ratio_few_reads_have_no_tail_and_no_request_is_no_load() -> None:
    metrics = MetricsStore()
    for _ in range(19):
        metrics.record(0, "service", "hit", 1000)
    made = summary(metrics, variants=["service"], seconds=2.0)

    assert made is not None
    [row] = made["rows"]
    assert (row["p50_ms"], row["p95_ms"]) == (1, None)
    assert summary(MetricsStore(), variants=BOTH, seconds=2.0) is None


def test_the_file_has_a_line_per_row_and_no_cell_is_a_formula(metrics: MetricsStore) -> None:
    made = summary(metrics, variants=BOTH, seconds=20.0)

    assert made is not None
    lines = [*csv.DictReader(summary_csv(made, workload="=1+1: harmless, it says").splitlines())]
    assert [line["variant"] for line in lines] == ["uncached", "cached", "cached / uncached"]
    assert {line["workload"] for line in lines} == {"'=1+1: harmless, it says"}
    assert [line["hit_ratio"] for line in lines] == ["", "0.875", ""]
    assert (lines[1]["requests"], lines[1]["seconds"]) == ("90", "20")
