from collections.abc import Iterable
from typing import Any

import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from service.coherence.fence import Fence, State
from service.coherence.lease import Lease, Timing
from service.domain import CachedValue
from service.metrics import BUCKETS_S, EVENTS, Metrics, fence_state, open_breakers
from service.trace import HIT, MISS, OFF, Trace, miss
from tests.fakes import ManualClock
from tests.fakes_coherence import FakeFenceStore

Labels = dict[str, str]


def samples(metrics: Metrics, name: str) -> list[tuple[Labels, float]]:
    families = text_string_to_metric_families(metrics.render().decode())
    return [
        (sample.labels, sample.value)
        for family in families
        for sample in family.samples
        if sample.name == name
    ]


def trace(**outcomes: str) -> Trace:
    trace = Trace()
    trace.outcomes = {CachedValue(slot): outcome for slot, outcome in outcomes.items()}
    return trace


def count(metrics: Metrics, *request: Any) -> None:
    """Count a request of this method, route, status, trace and duration in seconds."""
    *_, trace, took_s = request
    metrics.tally(*request[:-1]).add(trace, took_s)


def test_requests_are_counted_by_method_route_status_and_outcome() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        count(metrics, "GET", "/todo/{todo_id}", status, trace(), 0.003)
    # In whatever order their values were read.
    for outcomes in ({"user": HIT, "todos": HIT}, {"todos": HIT, "user": HIT}, {"user": OFF}):
        count(metrics, "GET", "/todo/", 200, trace(**outcomes), 0.003)
    counted = samples(metrics, "fivefold_http_request_duration_seconds_count")

    same = {"method": "GET", "route": "/todo/{todo_id}", "outcome": "none"}
    assert counted[:2] == [(same | {"status": "200"}, 2), (same | {"status": "404"}, 1)]
    assert {labels["outcome"]: times for labels, times in counted[2:]} == {"hit": 2, "bypass": 1}


def test_methods_that_clients_make_up_share_one_series() -> None:
    metrics = Metrics()
    for number in range(50):
        count(metrics, f"X{number}", "unmatched", 405, trace(), 0.001)
    [(labels, times)] = samples(metrics, "fivefold_http_request_duration_seconds_count")

    assert (labels["method"], times) == ("other", 50)
    assert len(metrics._tallies) == 1


def test_what_requests_waited_for_is_summed_by_route() -> None:
    metrics = Metrics()
    for outcome in (HIT, miss("cold")):
        waited = trace(todos=outcome)
        waited.cache_s, waited.db_s, waited.db_calls = 0.25, 0.5, 2
        count(metrics, "GET", "/todo/", 200, waited, 1.0)
    route = {"method": "GET", "route": "/todo/"}

    assert samples(metrics, "fivefold_cache_wait_seconds_total") == [(route, 0.5)]
    assert samples(metrics, "fivefold_database_wait_seconds_total") == [(route, 1.0)]
    assert samples(metrics, "fivefold_database_calls_total") == [(route, 4)]


def test_a_bucket_counts_what_took_at_most_its_bound_and_durations_are_summed() -> None:
    metrics = Metrics()
    for took_s in (0.001, 0.0011, 99.0):
        count(metrics, "GET", "/", 200, trace(), took_s)
    buckets = {
        labels["le"]: value
        for labels, value in samples(metrics, "fivefold_http_request_duration_seconds_bucket")
    }
    [(_, sum_s)] = samples(metrics, "fivefold_http_request_duration_seconds_sum")

    assert [float(bound) for bound in buckets] == [*BUCKETS_S, float("inf")]
    assert [buckets[bound] for bound in ("0.0005", "0.001", "0.002", "5.0", "+Inf")] == [
        *(0, 1, 2, 2, 3)
    ]
    assert sum_s == pytest.approx(99.0021)


def test_cached_values_are_counted_in_the_words_of_the_cache_status_header() -> None:
    metrics = Metrics()
    count(metrics, "GET", "/", 200, trace(user=HIT, todos=MISS), 0.1)
    count(metrics, "GET", "/", 200, trace(user=HIT), 0.1)
    count(metrics, "GET", "/", 200, trace(user=HIT), 0.1)

    assert metrics.outcome_counters() == {"user; hit": 3, "todos; fwd=miss": 1}
    assert samples(metrics, "fivefold_cache_reads_total") == [
        ({"slot": "user", "outcome": "hit"}, 3),
        ({"slot": "todos", "outcome": "fwd=miss"}, 1),
    ]


def values(source: Iterable[Metric]) -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("fivefold_"), *sample.labels.values()): sample.value
        for metric in source
        for sample in metric.samples
    }


async def test_the_fence_is_told_as_this_process_knows_it() -> None:
    clock = ManualClock()
    store = FakeFenceStore()
    lease = Lease(store, Timing(), clock=clock)
    await store.create(Fence("d", 7, State.ARM, 5, "run", fences={"new-run": 2}, enabled=False))
    await lease.renew()

    assert values(fence_state(lease)) == {
        ("fence_state", "on"): 0,
        ("fence_state", "arm"): 1,
        ("fence_state", "off"): 0,
        ("fences_total", "new-run"): 2,
        ("fence_enabled",): 0,
        ("fence_epoch",): 5,
        ("lease_seconds",): 0.9,
        ("lease_valid",): 1,
    }


async def test_without_a_lease_the_fence_known_last_is_told_or_that_none_is_known() -> None:
    clock = ManualClock()
    lease = Lease(FakeFenceStore(), Timing(), clock=clock)
    unknown = values(fence_state(lease))
    await lease.start("run")
    clock.advance(Timing().lease_s)
    found = values(fence_state(lease))

    assert set(unknown.values()) == {0}
    assert ("fence_state", "on") in unknown
    assert found["lease_valid",] == 0
    assert found["fence_state", "on"] == 1


def test_rare_events_are_shown_from_the_start_and_a_breaker_is_open_until_an_answer() -> None:
    metrics = Metrics()
    seen = []
    for event in ("redis_lost", "redis_lost", "redis_recovered"):
        metrics.event(event)
        seen.append(values(open_breakers(metrics))["redis_breakers_open",])
    events = {labels["event"]: count for labels, count in samples(metrics, "fivefold_events_total")}

    assert seen == [1, 2, 1]
    assert events == dict.fromkeys(EVENTS, 0) | {"redis_lost": 2, "redis_recovered": 1}
