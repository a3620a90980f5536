"""Histograms, and what is shown of a run by second and in total."""

import random
from typing import Any

import numpy as np
import pytest
from locust.rpc import Message

from benchmarks.load.metrics import (
    MOST_SECONDS,
    OPEN_SECONDS,
    WINDOW_S,
    Latencies,
    MetricsStore,
    Second,
)

_RNG = random.Random("latencies")
# Hits below a millisecond, misses of some, a few of seconds: two modes and a tail.
VALUES = [int(_RNG.lognormvariate(_RNG.choice((6, 6, 9)), 0.6)) + 1 for _ in range(2000)]


def _passed_on(source: MetricsStore, target: MetricsStore) -> None:
    """Merge as Locust's processes do, by its messages."""
    message: Any = Message  # whose methods have no types
    sent = message("report", source.drain(), "worker").serialize()
    target.merge(message.unserialize(sent).data)


def test_what_is_summed_up_is_right_to_three_digits_also_after_a_message() -> None:
    recorded, merged = MetricsStore(), MetricsStore()
    for value in VALUES:
        recorded.record(0, "cached", "hit", value)
    _passed_on(recorded, merged)
    total = merged.totals()["cached", "hit"]

    expected = np.percentile(VALUES, (50, 95, 99), method="inverted_cdf").tolist()
    assert [total.p50_us, total.p95_us, total.p99_us] == pytest.approx(expected, rel=0.0005)
    assert total.mean_us == pytest.approx(float(np.mean(VALUES)), rel=0.0005)
    assert total.requests == len(VALUES)


def _requests() -> list[tuple[int, str, str, int]]:
    rng = random.Random("requests")
    variants, outcomes = ("uncached", "cached"), ("hit", "miss", "failed")
    return [
        (rng.randrange(40), rng.choice(variants), rng.choice(outcomes), rng.randrange(1, 90_000))
        for _ in range(1000)
    ]


def test_two_processes_make_the_store_that_one_would_have_made() -> None:
    alone, merged, parts = MetricsStore(), MetricsStore(), (MetricsStore(), MetricsStore())
    for number, (second, *request) in enumerate(sorted(_requests())):
        alone.record(second, *request)  # type: ignore[arg-type]
        parts[number % 2].record(second, *request)  # type: ignore[arg-type]
        if number % 100 == 0:
            for part in parts:
                _passed_on(part, merged)
    for part in (*parts, *parts):
        # What was drained is not drained again.
        _passed_on(part, merged)

    assert merged.totals() == alone.totals()
    assert merged.seconds() == alone.seconds()


def test_a_second_its_window_and_a_total_are_summed_up_in_microseconds() -> None:
    store = MetricsStore()
    for second, latency_us in ((7, 100), (7, 200), (7, 300), (7, 400), (9, 500), (10, 900)):
        store.record(second, "cached", "hit", latency_us)

    window = Latencies(5, 300.0, 300.0, 500.0, 500.0)
    last = Latencies(1, 900.0, 900.0, 900.0, 900.0)
    assert store.seconds() == [
        Second(7, "cached", "hit", Latencies(4, 250.0, 200.0, 400.0, 400.0), window),
        Second(9, "cached", "hit", Latencies(1, 500.0, 500.0, 500.0, 500.0), window),
        Second(10, "cached", "hit", last, last),
    ]
    assert store.totals() == {("cached", "hit"): Latencies(6, 400.0, 300.0, 900.0, 900.0)}


def test_what_comes_late_counts_for_its_second_unless_its_window_is_closed_and_in_the_total() -> (
    None
):
    store = MetricsStore()
    last_of_the_first = WINDOW_S + OPEN_SECONDS - 2
    for second in (0, last_of_the_first, 0, last_of_the_first + 1, 0):
        store.record(second, "cached", "hit", 500)

    seconds = [(entry.second, entry.own.requests) for entry in store.seconds()]
    assert seconds == [(0, 2), (last_of_the_first, 1), (last_of_the_first + 1, 1)]
    assert store.totals()["cached", "hit"].requests == 5


def test_the_memory_of_a_store_does_not_grow_with_the_run() -> None:
    store = MetricsStore()
    late = range(MOST_SECONDS + 50, MOST_SECONDS + 100)
    for second in (*range(80, 120), *late):
        store.record(second, "cached", "hit", 500)
        store.drain()

    assert len(store._open) <= OPEN_SECONDS // WINDOW_S + 2
    assert [entry.second for entry in store.seconds()] == [*range(100, 120), *late]


def test_nothing_is_left_after_a_reset() -> None:
    store = MetricsStore()
    store.record(5, "cached", "hit", 500)

    store.reset()

    assert (store.seconds(), store.totals(), store.drain()) == ([], {}, [])
