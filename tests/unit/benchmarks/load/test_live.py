from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.analysis.stats.ratio import paired_log_interval
from benchmarks.load.live import LEAST_PAIRS, MOST_PAIRS, MOST_ROWS, shown
from benchmarks.load.metrics_store import MetricsStore, Second, Total

BOTH = ["uncached", "cached"]


@dataclass
class Pages:
    """A book with known figures."""

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


def pairs(count: int, *, first: int = 0) -> list[Second]:
    """Have both variants read in each second, with ratios that differ."""
    return [
        entry
        for number in range(first, first + count)
        for entry in (
            second(number, "uncached", "bypass", mean_us=9000 + 100 * number),
            second(number, "cached", "hit", mean_us=1500 + 37 * number),
        )
    ]


def speedup(entries: list[Second], **limits: int) -> Any:
    return shown(Pages(entries), since=0, variants=BOTH, **limits)["speedup"]


def test_a_second_has_its_requests_failures_reads_and_hits() -> None:
    entries = [
        second(4, "cached", "hit", requests=6),
        second(4, "cached", "partial", requests=2),
        second(4, "cached", "write", requests=3),
        second(4, "cached", "failed", requests=1),
    ]

    (row,) = shown(Pages(entries), since=0, variants=BOTH)["seconds"]

    assert row["second"] == 4
    cached = row["variants"]["cached"]
    assert {key: cached[key] for key in ("requests", "failures", "reads", "hits")} == {
        "requests": 12,
        "failures": 1,
        "reads": 8,
        "hits": 6,
    }


def test_curves_are_of_reads_only_in_milliseconds() -> None:
    entries = [second(0, "cached", outcome) for outcome in ("hit", "write", "failed")]

    (row,) = shown(Pages(entries), since=0, variants=BOTH)["seconds"]

    assert row["variants"]["cached"]["latency_ms"] == {"hit": [0.9, 2.0]}


def test_only_the_seconds_that_are_asked_for_and_full_are_given() -> None:
    entries = [second(number, "cached", "hit") for number in range(10)]

    rows = shown(Pages(entries), since=3, until=7, variants=BOTH)["seconds"]

    assert [row["second"] for row in rows] == [3, 4, 5, 6]


def test_a_variant_that_nobody_named_is_left_out() -> None:
    made = shown(
        Pages([second(0, "old", "hit")], {("old", "hit"): total(1)}), since=0, variants=BOTH
    )

    assert made["seconds"] == []
    assert made["totals"] == []


def test_the_speedup_is_the_paired_interval_of_the_means_of_both_variants() -> None:
    found = speedup(pairs(8))

    expected = paired_log_interval(
        [9000 + 100 * number for number in range(8)], [1500 + 37 * number for number in range(8)]
    )
    assert found == {
        "reference": "uncached",
        "variant": "cached",
        "pairs": 8,
        "pairs_at_most": MOST_PAIRS,
        "ratio": expected.centre,
        "low": expected.low,
        "high": expected.high,
    }


def test_the_mean_of_a_second_weighs_each_outcome_by_its_reads() -> None:
    entries = [
        entry
        for number in range(LEAST_PAIRS)
        for entry in (
            second(number, "uncached", "bypass", mean_us=8000),
            second(number, "cached", "hit", mean_us=1000, requests=3),
            second(number, "cached", "miss", mean_us=9000, requests=1),
            second(number, "cached", "write", mean_us=70_000, requests=9),
            second(number, "cached", "failed", mean_us=90_000, requests=9),
        )
    ]

    found = speedup(entries)

    assert found["ratio"] == pytest.approx(8000 / 3000)


def test_too_few_seconds_make_no_speedup() -> None:
    found = speedup(pairs(LEAST_PAIRS - 1))

    assert found["ratio"] is None
    assert found["pairs"] == LEAST_PAIRS - 1
    assert speedup(pairs(LEAST_PAIRS))["ratio"] is not None


def test_a_second_that_only_one_variant_answered_is_no_pair() -> None:
    alone = [second(number, "uncached", "bypass") for number in range(100, 110)]

    assert speedup([*pairs(6), *alone])["pairs"] == 6


def test_a_flip_of_the_flag_starts_the_speedup_anew() -> None:
    slow = [second(number, "uncached", "bypass", mean_us=5000) for number in range(20)]
    fast = [second(number, "cached", "hit", mean_us=500) for number in range(10)]
    bypassed = [second(number, "cached", "bypass", mean_us=5000) for number in range(10, 20)]

    found = speedup([*slow, *fast, *bypassed], pairs_from=10)

    assert found["pairs"] == 10
    assert found["ratio"] == pytest.approx(1)


def test_a_second_that_is_still_filling_is_no_pair() -> None:
    assert speedup(pairs(9), until=8)["pairs"] == 8


def test_the_speedup_of_a_long_run_is_of_its_last_seconds() -> None:
    found = speedup(pairs(MOST_PAIRS + 40))

    recent = range(40, MOST_PAIRS + 40)
    expected = paired_log_interval(
        [9000 + 100 * number for number in recent], [1500 + 37 * number for number in recent]
    )
    assert found["pairs"] == MOST_PAIRS
    assert found["ratio"] == pytest.approx(expected.centre)


def test_a_page_that_comes_late_catches_up_in_parts() -> None:
    book = Pages(pairs(2 * MOST_ROWS))

    first = shown(book, since=0, variants=BOTH)
    second_part = shown(book, since=first["rows_at_most"], variants=BOTH)

    assert [first["more"], second_part["more"]] == [True, False]
    rows = [*first["seconds"], *second_part["seconds"]]
    assert [row["second"] for row in rows] == list(range(2 * MOST_ROWS))


def test_one_service_alone_has_outcomes_and_no_speedup() -> None:
    made = shown(
        Pages([second(0, "service", "hit")], {("service", "hit"): total(4)}),
        since=0,
        variants=["service"],
    )

    assert made["speedup"] is None
    assert made["hit_ratio"] == {"service": 1.0}
    assert made["seconds"][0]["variants"]["service"]["hits"] == 1


def test_the_hit_ratio_counts_whole_hits_by_all_reads() -> None:
    sums = {
        ("cached", "hit"): total(6),
        ("cached", "partial"): total(1),
        ("cached", "bypass"): total(1),
        ("cached", "write"): total(50),
        ("cached", "failed"): total(50),
        ("uncached", "bypass"): total(9),
    }

    made = shown(Pages(sums=sums), since=0, variants=BOTH)

    assert made["hit_ratio"] == {"uncached": None, "cached": 0.75}
    assert made["cacheable"] == ["cached"]


def test_the_table_has_a_row_per_outcome_and_says_that_nothing_failed() -> None:
    sums = {("cached", "write"): total(1), ("cached", "hit"): total(3)}

    rows = shown(Pages(sums=sums), since=0, variants=BOTH)["totals"]

    assert [(row["variant"], row["outcome"], row["requests"], row["share"]) for row in rows] == [
        ("cached", "hit", 3, 0.75),
        ("cached", "write", 1, 0.25),
        ("cached", "failed", 0, 0.0),
    ]
    assert rows[0]["p50_ms"] == 1.2
    assert (rows[0]["mean_ms"], rows[0]["p95_ms"], rows[0]["p99_ms"]) == (1.5, 2.5, 3.75)
    assert rows[2]["p50_ms"] is None


def test_of_a_real_book_it_shows_what_was_recorded() -> None:
    book = MetricsStore()
    for number in range(6):
        book.record(number, "uncached", "bypass", 8000)
        book.record(number, "cached", "hit", 1000)

    made = shown(book, since=0, variants=BOTH)

    assert made["speedup"]["ratio"] == pytest.approx(8, rel=0.02)
    assert made["hit_ratio"]["cached"] == 1.0
    assert len(made["seconds"]) == 6
