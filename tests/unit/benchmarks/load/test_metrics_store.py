"""What is shown of a run: by second, and in total, over all processes."""

import json
import random

import pytest

from benchmarks.load.metrics_store import MOST_SECONDS, OPEN_SECONDS, MetricsStore, Second, Total


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
    for part in parts:
        _passed_on(part, merged)

    assert merged.totals() == alone.totals()
    assert merged.seconds() == alone.seconds()


def test_what_was_drained_is_not_drained_again() -> None:
    store, other = MetricsStore(), MetricsStore()
    store.record(0, "cached", "hit", 500)

    _passed_on(store, other)
    _passed_on(store, other)

    assert other.totals()["cached", "hit"].requests == 1
    assert store.totals()["cached", "hit"].requests == 1


def test_a_second_and_a_total_are_summed_up_in_microseconds() -> None:
    store = MetricsStore()
    for latency_us in (100, 200, 300, 400):
        store.record(7, "cached", "hit", latency_us)

    assert store.seconds() == [Second(7, "cached", "hit", 4, 250.0, 200.0, 400.0)]
    assert store.totals() == {("cached", "hit"): Total(4, 250.0, 200.0, 400.0, 400.0)}


def test_a_report_that_comes_late_still_counts_for_its_second() -> None:
    store = MetricsStore()
    store.record(20, "cached", "hit", 500)
    store.record(20 - OPEN_SECONDS + 1, "cached", "hit", 500)

    assert [entry.second for entry in store.seconds()] == [20 - OPEN_SECONDS + 1, 20]


def test_what_comes_for_a_closed_second_counts_in_the_total_only() -> None:
    store = MetricsStore()
    for second in (0, 30, 0):
        store.record(second, "cached", "hit", 500)

    assert [(entry.second, entry.requests) for entry in store.seconds()] == [(0, 1), (30, 1)]
    assert store.totals()["cached", "hit"].requests == 3


def test_the_memory_of_a_store_does_not_grow_with_the_run() -> None:
    store = MetricsStore()
    late = range(MOST_SECONDS + 50, MOST_SECONDS + 100)
    for second in (*range(80, 120), *late):
        store.record(second, "cached", "hit", 500)
        store.drain()

    assert len(store._open) == OPEN_SECONDS
    assert [entry.second for entry in store.seconds()] == [*range(100, 120), *late]


@pytest.mark.parametrize("drained", [True, False])
def test_nothing_is_left_after_a_reset(*, drained: bool) -> None:
    store = MetricsStore()
    store.record(5, "cached", "hit", 500)
    if drained:
        store.drain()

    store.reset()

    assert (store.seconds(), store.totals(), store.drain()) == ([], {}, {"seconds": []})
