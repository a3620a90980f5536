"""Histograms, and what is shown of a run by second and in total."""

import json
import random

import numpy as np
import pytest

from benchmarks.load.metrics import (
    MOST_SECONDS,
    OPEN_SECONDS,
    WINDOW_S,
    Histogram,
    MetricsStore,
    Total,
    Window,
)

PERCENTILES = (1, 25, 50, 90, 95, 99)
_RNG = random.Random("latencies")
# Hits below a millisecond, misses of some, a few of seconds: two modes and a tail.
VALUES = [int(_RNG.lognormvariate(_RNG.choice((6, 6, 9)), 0.6)) + 1 for _ in range(2000)]


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def test_percentiles_are_those_of_the_values_to_three_digits_also_after_a_trip_as_json() -> None:
    one, other = histogram_of(VALUES[:1234]), histogram_of(VALUES[1234:])
    one.merge(json.loads(json.dumps(other.dump())))

    expected = np.percentile(VALUES, PERCENTILES, method="inverted_cdf")
    assert one.percentiles(*PERCENTILES) == pytest.approx(expected.tolist(), rel=0.0005)
    assert one.mean == pytest.approx(float(np.mean(VALUES)), rel=1e-12)
    assert one.count == len(VALUES)


def _requests() -> list[tuple[int, str, str, int]]:
    rng = random.Random("requests")
    variants, outcomes = ("uncached", "cached"), ("hit", "miss", "failed")
    return [
        (rng.randrange(40), rng.choice(variants), rng.choice(outcomes), rng.randrange(1, 90_000))
        for _ in range(1000)
    ]


def _passed_on(source: MetricsStore, target: MetricsStore) -> None:
    target.merge(json.loads(json.dumps(source.drain())))


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
    assert merged.windows() == alone.windows()


def test_a_second_and_a_total_are_summed_up_in_microseconds() -> None:
    store = MetricsStore()
    for latency_us in (100, 200, 300, 400):
        store.record(7, "cached", "hit", latency_us)

    assert store.seconds() == [Window(7, "cached", "hit", 4, 250.0, 200.0, 400.0)]
    assert store.totals() == {("cached", "hit"): Total(4, 250.0, 200.0, 400.0, 400.0)}


def test_a_window_holds_what_was_over_in_its_seconds_as_long_as_one_of_them_may_still_change() -> (
    None
):
    store = MetricsStore()
    for second in range(2 * WINDOW_S):
        store.record(second, "cached", "hit", 100 * (second + 1))
    first_ends = OPEN_SECONDS + WINDOW_S - 1
    for second in (first_ends - 1, 0, first_ends, 0):
        store.record(second, "cached", "miss", 500)

    hits, misses = (
        [
            (each.second, each.requests, each.p95_us)
            for each in store.windows()
            if each.outcome == of
        ]
        for of in ("hit", "miss")
    )
    assert hits == [(0, 10, 1000.0), (10, 10, 2000.0)]
    assert misses == [(0, 1, 500.0), (20, 2, 500.0)]


def test_a_total_of_a_variant_merges_its_outcomes_but_those_that_are_left_out() -> None:
    store = MetricsStore()
    for outcome, latency_us in (("hit", 100), ("miss", 300), ("write", 900)):
        store.record(0, "cached", outcome, latency_us)
    store.record(0, "uncached", "bypass", 800)

    assert store.total_of("cached").requests == 3
    assert store.total_of("cached", without={"write"}) == Total(2, 200.0, 100.0, 300.0, 300.0)
    assert store.total_of("other") == Total(0, 0.0, 0.0, 0.0, 0.0)


def test_what_comes_late_counts_for_its_second_unless_that_is_closed_and_in_the_total() -> None:
    store = MetricsStore()
    for second in (0, 30, 0, 30 - OPEN_SECONDS + 1):
        store.record(second, "cached", "hit", 500)

    seconds = [(entry.second, entry.requests) for entry in store.seconds()]
    assert seconds == [(0, 1), (30 - OPEN_SECONDS + 1, 1), (30, 1)]
    assert store.totals()["cached", "hit"].requests == 4


def test_the_memory_of_a_store_does_not_grow_with_the_run() -> None:
    store = MetricsStore()
    late = range(MOST_SECONDS + 50, MOST_SECONDS + 100)
    for second in (*range(80, 120), *late):
        store.record(second, "cached", "hit", 500)
        store.drain()

    assert len(store._seconds.open) == OPEN_SECONDS
    assert len(store._windows.open) <= OPEN_SECONDS // WINDOW_S + 2
    assert [entry.second for entry in store.seconds()] == [*range(100, 120), *late]


@pytest.mark.parametrize("drained", [True, False])
def test_nothing_is_left_after_a_reset(*, drained: bool) -> None:
    store = MetricsStore()
    store.record(5, "cached", "hit", 500)
    if drained:
        store.drain()

    store.reset()

    assert (store.seconds(), store.windows(), store.totals()) == ([], [], {})
    assert store.drain() == {"seconds": []}
