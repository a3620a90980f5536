"""What the live page and Prometheus are told of known figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.analysis.stats.intervals import paired_log_interval
from benchmarks.load.metrics import WINDOW_S, MetricsStore, Total, Window
from benchmarks.load.page.data import LEAST_PAIRS, exposition, shown

BOTH = ["uncached", "cached"]
DURATION = "fivefold_load_request_duration_seconds"


class PageFigures(MetricsStore):
    """A metrics store with known figures."""

    def __init__(
        self, entries: list[Window], tails: list[Window], sums: dict[tuple[str, str], Total]
    ) -> None:
        super().__init__()
        self.entries, self.tails, self.sums = entries, tails, sums

    def seconds(self) -> Sequence[Window]:
        return sorted(self.entries, key=lambda entry: entry.second)

    def windows(self) -> Sequence[Window]:
        return self.tails

    def totals(self) -> Mapping[tuple[str, str], Total]:
        return self.sums


def second(
    number: int, variant: str, outcome: str, *, mean_us: float = 1000, requests: int = 1
) -> Window:
    return Window(number, variant, outcome, requests, mean_us, mean_us * 0.9, mean_us * 2)


def total(requests: int) -> Total:
    return Total(requests, 1500.0, 1200.0, 2500.0, 3750.0)


def uncached_us(number: int) -> float:
    return 9000 + 100 * number


def cached_us(number: int) -> float:
    return 1500 + 37 * number


def pairs(count: int) -> list[Window]:
    """Have both variants read in each second, with ratios that differ."""
    return [
        entry
        for number in range(count)
        for entry in (
            second(number, "uncached", "bypass", mean_us=uncached_us(number)),
            second(number, "cached", "hit", mean_us=cached_us(number)),
        )
    ]


def page(entries: Sequence[Window] = (), since: int = 0, **more: Any) -> dict[str, Any]:
    sums, tails = more.pop("sums", {}), more.pop("tails", [])
    return shown(PageFigures([*entries], tails, sums), since=since, **({"variants": BOTH} | more))


def test_a_second_has_its_requests_failures_reads_hits_and_the_latencies_of_its_reads() -> None:
    amounts = {"hit": 6, "partial": 2, "write": 3, "failed": 1}
    entries = [second(14, "cached", outcome, requests=n) for outcome, n in amounts.items()]
    tails = [second(start, "cached", "hit", mean_us=100 * start, requests=20) for start in (10, 20)]

    (row,) = page(entries, since=14, tails=tails)["seconds"]

    assert row["second"] == 14
    assert row["variants"]["cached"] == {
        "requests": 12,
        "failures": 1,
        "reads": 8,
        "hits": 6,
        "latency_ms": {"hit": [0.9, 2.0], "partial": [0.9, None]},
    }


def test_the_p95_is_that_of_ten_seconds_from_twenty_requests_on() -> None:
    metrics = MetricsStore()
    for number in range(2 * WINDOW_S):
        for _ in range(2 if number < WINDOW_S else 1):
            metrics.record(number, "cached", "hit", 1000 + 100 * number)

    rows = shown(metrics, since=0, variants=BOTH)["seconds"]

    tails_ms = [row["variants"]["cached"]["latency_ms"]["hit"][1] for row in rows]
    assert tails_ms == [1.9] * WINDOW_S + [None] * WINDOW_S


def test_only_full_seconds_that_are_asked_for_of_variants_that_are_named_are_given() -> None:
    entries = [second(number, variant, "hit") for number in range(10) for variant in BOTH[1:]]
    old = [second(number, "old", "hit") for number in range(10)]

    made = page([*entries, *old], since=3, until=7, sums={("old", "hit"): total(1)})

    assert [(row["second"], *row["variants"]) for row in made["seconds"]] == [
        (number, "cached") for number in (3, 4, 5, 6)
    ]
    assert made["totals"] == []


def test_the_speedup_is_the_paired_interval_of_the_means_of_the_seconds() -> None:
    expected = paired_log_interval([*map(uncached_us, range(8))], [*map(cached_us, range(8))])
    assert page(pairs(8))["speedup"] == {
        "reference": "uncached",
        "variant": "cached",
        "pairs": 8,
        "ratio": pytest.approx(expected.centre),
        "low": pytest.approx(expected.low),
        "high": pytest.approx(expected.high),
    }


def test_the_mean_of_a_second_weighs_each_outcome_by_its_reads() -> None:
    amounts = [("hit", 1000, 3), ("miss", 9000, 1), ("write", 70_000, 9), ("failed", 90_000, 9)]
    entries = [
        entry
        for number in range(LEAST_PAIRS)
        for entry in (
            second(number, "uncached", "bypass", mean_us=8000),
            *(
                second(number, "cached", outcome, mean_us=mean_us, requests=requests)
                for outcome, mean_us, requests in amounts
            ),
        )
    ]

    assert page(entries)["speedup"]["ratio"] == pytest.approx(8000 / 3000)


def test_a_pair_is_a_full_second_that_both_answered_and_too_few_make_no_speedup() -> None:
    alone = [second(number, "uncached", "bypass") for number in range(100, 110)]
    few, enough = (page(pairs(LEAST_PAIRS - less))["speedup"] for less in (1, 0))

    assert (few["ratio"], few["pairs"]) == (None, LEAST_PAIRS - 1)
    assert enough["ratio"] is not None
    assert page([*pairs(6), *alone])["speedup"]["pairs"] == 6
    assert page(pairs(9), until=8)["speedup"]["pairs"] == 8


def test_a_flip_of_the_flag_starts_the_speedup_anew() -> None:
    slow = [second(number, "uncached", "bypass", mean_us=5000) for number in range(20)]
    fast = [second(number, "cached", "hit", mean_us=500) for number in range(10)]
    bypassed = [second(number, "cached", "bypass", mean_us=5000) for number in range(10, 20)]

    found = page([*slow, *fast, *bypassed], pairs_from=10)["speedup"]

    assert (found["pairs"], found["ratio"]) == (10, pytest.approx(1))


def test_one_service_alone_has_outcomes_and_no_speedup() -> None:
    made = page(
        [second(0, "service", "hit")], sums={("service", "hit"): total(4)}, variants=["service"]
    )

    assert made["speedup"] is None
    assert made["hit_ratio"] == {"service": 1.0}
    assert made["seconds"][0]["variants"]["service"]["hits"] == 1


def test_the_hit_ratio_counts_whole_hits_by_all_reads() -> None:
    amounts = {"hit": 6, "partial": 1, "bypass": 1, "write": 50, "failed": 50}
    sums = {("cached", outcome): total(amount) for outcome, amount in amounts.items()}

    made = page(sums={**sums, ("uncached", "bypass"): total(9)})

    assert made["hit_ratio"] == {"uncached": None, "cached": 0.75}
    assert made["cacheable"] == ["cached"]


def test_the_table_has_a_row_per_outcome_and_says_that_nothing_failed() -> None:
    hits, writes, failures = page(
        sums={("cached", "write"): total(100), ("cached", "hit"): total(300)}
    )["totals"]

    times_ms = {"mean_ms": 1.5, "p50_ms": 1.2, "p95_ms": 2.5, "p99_ms": 3.75}
    variant = {"variant": "cached"}
    assert hits == variant | {"outcome": "hit", "requests": 300, "share": 0.75} | times_ms
    assert writes == variant | {"outcome": "write", "requests": 100, "share": 0.25} | times_ms
    assert failures == variant | {
        "outcome": "failed",
        "requests": 0,
        "share": 0.0,
        **dict.fromkeys(times_ms),
    }


@pytest.mark.parametrize(
    ("requests", "tails_ms"), [(19, (None, None)), (20, (2.5, None)), (100, (2.5, 3.75))]
)
def test_a_percentile_beyond_which_no_request_is_expected_is_not_given(
    requests: int, tails_ms: tuple[float | None, float | None]
) -> None:
    hit, _ = page(sums={("cached", "hit"): total(requests)})["totals"]

    assert (hit["p95_ms"], hit["p99_ms"]) == tails_ms
    assert hit["p50_ms"] == 1.2


def samples(metrics: MetricsStore) -> dict[tuple[str, ...], float]:
    text = exposition(shown(metrics, since=0, variants=BOTH), users=3).decode()
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_of_each_variant_and_outcome_there_are_seconds_and_failures_also_where_there_are_none() -> (
    None
):
    metrics = MetricsStore()
    metrics.record(0, "uncached", "bypass", 8000)
    for latency_us in (1000, 1000, 4000):
        for _ in range(50):
            metrics.record(0, "cached", "hit", latency_us)
    found = samples(metrics)
    hit, failed = ((f"outcome={one}", "variant=cached") for one in ("hit", "failed"))

    assert found[f"{DURATION}_count", *hit] == 150
    assert round(found[f"{DURATION}_sum", *hit], 6) == 0.3
    assert round(found[DURATION, "outcome=hit", "quantile=0.5", "variant=cached"], 3) == 0.001
    assert round(found[DURATION, "outcome=hit", "quantile=0.99", "variant=cached"], 3) == 0.004
    # Too few requests have no tail.
    bypass = ("outcome=bypass", "quantile=0.95", "variant=uncached")
    assert (DURATION, *bypass) not in found
    assert found[f"{DURATION}_count", *failed] == 0
    assert (DURATION, "outcome=failed", "quantile=0.5", "variant=cached") not in found
    # A plain service has no hit ratio, and few pairs no speedup.
    assert ("fivefold_load_hit_ratio", "variant=uncached") not in found
    assert found["fivefold_load_hit_ratio", "variant=cached"] == 1
    assert "fivefold_load_speedup" not in {name for name, *_ in found}


def test_the_speedup_comes_with_its_interval_and_before_a_run_only_the_users_are_told() -> None:
    metrics = MetricsStore()
    before = samples(metrics)
    for number in range(8):
        metrics.record(number, "uncached", "bypass", 8000 + number)
        metrics.record(number, "cached", "hit", 1000)
    found = samples(metrics)
    low, estimate, high = (
        found["fivefold_load_speedup", f"bound={bound}", "reference=uncached", "variant=cached"]
        for bound in ("low", "estimate", "high")
    )

    assert before == {("fivefold_load_users",): 3}
    assert low <= estimate <= high
    assert round(estimate) == 8
