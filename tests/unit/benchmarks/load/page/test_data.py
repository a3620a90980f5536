"""What the live page, its summary and Prometheus are told of known figures."""

import csv
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.analysis.stats.intervals import nested_log_interval
from benchmarks.load.metrics import MetricsStore
from benchmarks.load.page.data import LEAST_PAIRS, exposition, shown, summary, summary_csv

BOTH = ["uncached", "cached"]
DURATION = "fivefold_load_request_duration_seconds"


class Recorded(MetricsStore):
    """Figures that are told many at a time."""

    def add(
        self, second: int, variant: str, outcome: str, latency_us: int = 1000, *, requests: int = 1
    ) -> None:
        for _ in range(requests):
            self.record(second, variant, outcome, latency_us)

    def page(self, since: int = 0, **more: Any) -> dict[str, Any]:
        return shown(self, since=since, **({"variants": BOTH} | more))


@pytest.fixture
def metrics() -> Recorded:
    return Recorded()


def uncached_us(number: int) -> int:
    return 1500 + 20 * number


def cached_us(number: int) -> int:
    return 150 + 7 * number


def pairs(count: int) -> Recorded:
    """Have both variants read in each second, with ratios that differ."""
    metrics = Recorded()
    for number in range(count):
        metrics.add(number, "uncached", "bypass", uncached_us(number))
        metrics.add(number, "cached", "hit", cached_us(number))
    return metrics


def test_a_second_has_its_requests_reads_and_latencies_with_the_p95_of_twenty_in_ten_seconds(
    metrics: Recorded,
) -> None:
    for outcome, requests in {"hit": 6, "partial": 2, "write": 3, "failed": 1}.items():
        metrics.add(14, "cached", outcome, 900, requests=requests)
    metrics.add(15, "cached", "hit", 2000, requests=14)

    row, _ = metrics.page(since=14)["seconds"]

    assert row["second"] == 14
    assert row["variants"]["cached"] == {
        "requests": 12,
        "failures": 1,
        "reads": 8,
        "hits": 6,
        "latency_ms": {"hit": [0.9, 2.0], "partial": [0.9, None]},
    }


def test_only_full_seconds_that_are_asked_for_of_variants_that_are_named_are_given(
    metrics: Recorded,
) -> None:
    for number in range(10):
        for variant in ("cached", "old"):
            metrics.add(number, variant, "hit")

    made = metrics.page(since=3, until=7)

    assert [(row["second"], *row["variants"]) for row in made["seconds"]] == [
        (number, "cached") for number in (3, 4, 5, 6)
    ]
    assert {row["variant"] for row in made["totals"]} == {"cached"}


def test_the_speedup_is_the_paired_interval_of_the_means_of_the_seconds() -> None:
    expected = nested_log_interval([[*map(uncached_us, range(8))]], [[*map(cached_us, range(8))]])
    found = pairs(8).page()["speedup"]

    assert (found["reference"], found["variant"], found["pairs"]) == ("uncached", "cached", 8)
    assert [found[key] for key in ("ratio", "low", "high")] == pytest.approx(
        [expected.centre, expected.low, expected.high]
    )


def test_the_mean_of_a_second_weighs_each_outcome_by_its_reads(metrics: Recorded) -> None:
    amounts = [("hit", 1000, 3), ("miss", 1800, 1), ("write", 70_000, 9), ("failed", 90_000, 9)]
    for number in range(LEAST_PAIRS):
        metrics.add(number, "uncached", "bypass", 1900)
        for outcome, mean_us, requests in amounts:
            metrics.add(number, "cached", outcome, mean_us, requests=requests)

    assert metrics.page()["speedup"]["ratio"] == pytest.approx(1900 / 1200)


def test_a_pair_is_a_full_second_that_both_answered_and_too_few_make_no_speedup() -> None:
    few, enough = (pairs(LEAST_PAIRS - less).page()["speedup"] for less in (1, 0))
    more = pairs(6)
    for number in range(100, 110):
        more.add(number, "uncached", "bypass")

    assert (few["ratio"], few["pairs"]) == (None, LEAST_PAIRS - 1)
    assert enough["ratio"] is not None
    assert more.page()["speedup"]["pairs"] == 6
    assert pairs(9).page(until=8)["speedup"]["pairs"] == 8
    # A flip of the flag starts it anew.
    assert pairs(20).page(pairs_from=12)["speedup"]["pairs"] == 8


def test_the_hit_ratio_counts_whole_hits_by_all_reads(metrics: Recorded) -> None:
    for outcome, requests in {"hit": 6, "partial": 1, "bypass": 1, "write": 5, "failed": 5}.items():
        metrics.add(0, "cached", outcome, requests=requests)
    metrics.add(0, "uncached", "bypass")

    made = metrics.page()

    assert made["hit_ratio"] == {"uncached": None, "cached": 0.75}
    assert made["cacheable"] == ["cached"]


@pytest.mark.parametrize(("hits", "tails"), [(19, 0), (20, 1), (100, 2)])
def test_the_table_has_a_row_per_outcome_with_the_percentiles_that_its_requests_can_show(
    metrics: Recorded, hits: int, tails: int
) -> None:
    metrics.add(0, "cached", "write", 1500, requests=100 - hits)
    metrics.add(0, "cached", "hit", 1200, requests=hits)
    found = {row["outcome"]: row for row in metrics.page()["totals"]}

    assert list(found) == [*(("hit", "write") if hits < 100 else ("hit",)), "failed"]
    times_ms = [1.2] * (2 + tails) + [None] * (2 - tails)
    assert [*found["hit"].values()] == ["cached", "hit", hits, hits / 100, *times_ms]
    # That nothing failed is said, too.
    assert (found["failed"]["requests"], found["failed"]["mean_ms"]) == (0, None)


def samples(metrics: Recorded) -> dict[tuple[str, ...], float]:
    text = exposition(metrics.page(), users=3).decode()
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_of_each_variant_and_outcome_there_are_seconds_and_failures_also_where_there_are_none(
    metrics: Recorded,
) -> None:
    metrics.add(0, "uncached", "bypass", 8000)
    for latency_us in (1000, 1000, 1600):
        metrics.add(0, "cached", "hit", latency_us, requests=50)
    found = samples(metrics)
    hit, failed = ((f"outcome={one}", "variant=cached") for one in ("hit", "failed"))

    assert found[f"{DURATION}_count", *hit] == 150
    assert found[f"{DURATION}_sum", *hit] == pytest.approx(0.18)
    assert found[DURATION, "outcome=hit", "quantile=0.5", "variant=cached"] == 0.001
    assert found[DURATION, "outcome=hit", "quantile=0.99", "variant=cached"] == 0.0016
    # Too few requests have no tail.
    assert (DURATION, "outcome=bypass", "quantile=0.95", "variant=uncached") not in found
    assert found[f"{DURATION}_count", *failed] == 0
    # A plain service has no hit ratio, and few pairs no speedup.
    assert ("fivefold_load_hit_ratio", "variant=uncached") not in found
    assert found["fivefold_load_hit_ratio", "variant=cached"] == 1
    assert "fivefold_load_speedup" not in {name for name, *_ in found}


def test_the_speedup_comes_with_its_interval_and_before_a_run_only_the_users_are_told() -> None:
    found = samples(pairs(8))
    low, estimate, high = (
        found["fivefold_load_speedup", f"bound={bound}", "reference=uncached", "variant=cached"]
        for bound in ("low", "estimate", "high")
    )

    assert samples(Recorded()) == {("fivefold_load_users",): 3}
    assert low < estimate < high


@pytest.fixture
def ended(metrics: Recorded) -> Recorded:
    """Have 40 uncached requests of 1.8 ms, 80 cached ones of 0.9 ms, 5 writes and 5 failures."""
    metrics.add(0, "uncached", "bypass", 1800, requests=40)
    metrics.add(0, "cached", "hit", 900, requests=70)
    metrics.add(0, "cached", "miss", 900, requests=10)
    metrics.add(0, "cached", "write", 90_000, requests=5)
    metrics.add(0, "cached", "failed", 90_000, requests=5)
    return metrics


def test_in_the_summary_each_variant_has_its_row_and_the_last_one_is_their_ratio(
    ended: Recorded,
) -> None:
    made = summary(ended, variants=BOTH, seconds=20.0)

    assert made is not None
    names = "variant requests requests_per_second p50_ms p95_ms failed hit_ratio"
    assert [*made["rows"][0]] == names.split()
    # The percentiles are those of reads: neither writes nor failures are in them.
    assert [[*row.values()] for row in made["rows"]] == [
        ["uncached", 40, 2.0, 1.8, 1.8, 0, None],
        ["cached", 90, 4.5, 0.9, 0.9, 5, 0.875],
        ["cached / uncached", 2.25, 2.25, 0.5, 0.5, None, None],
    ]


def test_one_service_has_no_speedup_few_reads_have_no_tail_and_no_request_is_no_load(
    metrics: Recorded,
) -> None:
    metrics.add(0, "service", "hit", requests=19)
    page = metrics.page(variants=["service"])
    made = summary(metrics, variants=["service"], seconds=2.0)

    assert (page["speedup"], page["hit_ratio"]) == (None, {"service": 1.0})
    assert made is not None
    [row] = made["rows"]
    assert (row["p50_ms"], row["p95_ms"]) == (1, None)
    assert summary(metrics, variants=BOTH, seconds=2.0) is None


def test_the_file_has_a_line_per_row_and_no_cell_is_a_formula(ended: Recorded) -> None:
    made = summary(ended, variants=BOTH, seconds=20.0)

    assert made is not None
    lines = [*csv.DictReader(summary_csv(made, workload="=1+1: harmless, it says").splitlines())]
    assert [line["variant"] for line in lines] == ["uncached", "cached", "cached / uncached"]
    assert {line["workload"] for line in lines} == {"'=1+1: harmless, it says"}
    assert [line["hit_ratio"] for line in lines] == ["", "0.875", ""]
    assert (lines[1]["requests"], lines[1]["seconds"]) == ("90", "20")
