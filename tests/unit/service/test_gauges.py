from collections.abc import Iterable

from prometheus_client.core import Metric

from service import VERSION
from service.coherence.fence import Fence, State
from service.coherence.lease import Lease, Timing
from service.metrics import Metrics, build_info, fence_state, open_breakers
from tests.fakes import ManualClock
from tests.fakes_coherence import FakeFenceStore


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


def test_what_runs_is_told() -> None:
    [((name, version, _, variant), value)] = values(build_info("cached")).items()

    assert (name, version, variant, value) == ("build_info", VERSION, "cached", 1)


def test_a_breaker_is_open_until_redis_answers_again() -> None:
    metrics = Metrics()
    seen = []
    for event in ("redis_lost", "redis_lost", "redis_recovered", "redis_recovered"):
        metrics.event(event)
        seen.append(values(open_breakers(metrics))["redis_breakers_open",])

    assert seen == [1, 2, 1, 0]
