"""What the live page shows of known figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.analysis.stats.intervals import paired_log_interval
from benchmarks.load.live import LEAST_PAIRS, MOST_PAIRS, MOST_ROWS, shown
from benchmarks.load.metrics_store import Second, Total

BOTH = ["uncached", "cached"]


@dataclass
class Figures:
    """A metrics store with known figures."""

    entries: list[Second] = field(default_factory=list)
    sums: dict[tuple[str, str], Total] = field(default_factory=dict)

    def seconds(self) -> Sequence[Second]:
        return sorted(self.entries, key=lambda entry: entry.second)

    def totals(self) -> Mapping[tuple[str, str], Total]:
        return self.sums


def second(
    number: int, variant: str, outcome: str, *, mean_us: float = 1000, requests: int = 1
) -> Second:
    return Second(number, variant, outcome, requests, mean_us, mean_us * 0.9, mean_us * 2)


def total(requests: int) -> Total:
    return Total(requests, 1500.0, 1200.0, 2500.0, 3750.0)


def uncached_us(number: int) -> float:
    return 9000 + 100 * number


def cached_us(number: int) -> float:
    return 1500 + 37 * number


def pairs(count: int) -> list[Second]:
    """Have both variants read in each second, with ratios that differ."""
    return [
        entry
        for number in range(count)
        for entry in (
            second(number, "uncached", "bypass", mean_us=uncached_us(number)),
            second(number, "cached", "hit", mean_us=cached_us(number)),
        )
    ]


def page(entries: Sequence[Second] = (), since: int = 0, **more: Any) -> dict[str, Any]:
    sums = more.pop("sums", {})
    return shown(Figures([*entries], sums), since=since, **({"variants": BOTH} | more))


def test_a_second_has_its_requests_failures_reads_hits_and_the_latencies_of_its_reads() -> None:
    amounts = {"hit": 6, "partial": 2, "write": 3, "failed": 1}
    entries = [second(4, "cached", outcome, requests=n) for outcome, n in amounts.items()]

    (row,) = page(entries)["seconds"]

    times_ms = [0.9, 2.0]
    assert row["second"] == 4
    assert row["variants"]["cached"] == {
        "requests": 12,
        "failures": 1,
        "reads": 8,
        "hits": 6,
        "latency_ms": {"hit": times_ms, "partial": times_ms},
    }


def test_only_the_seconds_that_are_asked_for_and_full_are_given() -> None:
    entries = [second(number, "cached", "hit") for number in range(10)]

    rows = page(entries, since=3, until=7)["seconds"]

    assert [row["second"] for row in rows] == [3, 4, 5, 6]


def test_a_variant_that_nobody_named_is_left_out() -> None:
    made = page([second(0, "old", "hit")], sums={("old", "hit"): total(1)})

    assert (made["seconds"], made["totals"]) == ([], [])


@pytest.mark.parametrize("late", [0, 40])
def test_the_speedup_is_the_paired_interval_of_the_means_over_the_last_seconds(late: int) -> None:
    """Until there are too many, the last seconds are all of them."""
    count = MOST_PAIRS if late else 8
    recent = range(late, late + count)

    expected = paired_log_interval([*map(uncached_us, recent)], [*map(cached_us, recent)])
    assert page(pairs(late + count))["speedup"] == {
        "reference": "uncached",
        "variant": "cached",
        "pairs": count,
        "pairs_at_most": MOST_PAIRS,
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


def test_too_few_seconds_make_no_speedup() -> None:
    found = page(pairs(LEAST_PAIRS - 1))["speedup"]

    assert (found["ratio"], found["pairs"]) == (None, LEAST_PAIRS - 1)
    assert page(pairs(LEAST_PAIRS))["speedup"]["ratio"] is not None


def test_a_second_that_only_one_variant_answered_or_that_is_still_filling_is_no_pair() -> None:
    alone = [second(number, "uncached", "bypass") for number in range(100, 110)]

    assert page([*pairs(6), *alone])["speedup"]["pairs"] == 6
    assert page(pairs(9), until=8)["speedup"]["pairs"] == 8


def test_a_flip_of_the_flag_starts_the_speedup_anew() -> None:
    slow = [second(number, "uncached", "bypass", mean_us=5000) for number in range(20)]
    fast = [second(number, "cached", "hit", mean_us=500) for number in range(10)]
    bypassed = [second(number, "cached", "bypass", mean_us=5000) for number in range(10, 20)]

    found = page([*slow, *fast, *bypassed], pairs_from=10)["speedup"]

    assert (found["pairs"], found["ratio"]) == (10, pytest.approx(1))


def test_a_page_that_comes_late_catches_up_in_parts() -> None:
    entries = pairs(2 * MOST_ROWS)

    first = page(entries)
    second_part = page(entries, since=first["rows_at_most"])

    assert [first["more"], second_part["more"]] == [True, False]
    rows = [*first["seconds"], *second_part["seconds"]]
    assert [row["second"] for row in rows] == list(range(2 * MOST_ROWS))


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
        sums={("cached", "write"): total(1), ("cached", "hit"): total(3)}
    )["totals"]

    times_ms = {"mean_ms": 1.5, "p50_ms": 1.2, "p95_ms": 2.5, "p99_ms": 3.75}
    variant = {"variant": "cached"}
    assert hits == variant | {"outcome": "hit", "requests": 3, "share": 0.75} | times_ms
    assert writes == variant | {"outcome": "write", "requests": 1, "share": 0.25} | times_ms
    assert failures == variant | {
        "outcome": "failed",
        "requests": 0,
        "share": 0.0,
        **dict.fromkeys(times_ms),
    }
