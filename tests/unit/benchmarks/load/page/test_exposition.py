from prometheus_client.parser import text_string_to_metric_families

from benchmarks.load.live import shown
from benchmarks.load.metrics_store import MetricsStore
from benchmarks.load.page.exposition import exposition

VARIANTS = ["uncached", "cached"]
DURATION = "fivefold_load_request_duration_seconds"


def samples(metrics: MetricsStore) -> dict[tuple[str, ...], float]:
    text = exposition(shown(metrics, since=0, variants=VARIANTS), users=3).decode()
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
        metrics.record(0, "cached", "hit", latency_us)
    found = samples(metrics)
    hit, failed = ((f"outcome={one}", "variant=cached") for one in ("hit", "failed"))

    assert found[f"{DURATION}_count", *hit] == 3
    assert round(found[f"{DURATION}_sum", *hit], 6) == 0.006
    assert round(found[DURATION, "outcome=hit", "quantile=0.5", "variant=cached"], 3) == 0.001
    assert round(found[DURATION, "outcome=hit", "quantile=0.99", "variant=cached"], 3) == 0.004
    assert found[f"{DURATION}_count", *failed] == 0
    assert (DURATION, "outcome=failed", "quantile=0.5", "variant=cached") not in found
    # A plain service has no hit ratio, and few pairs no speedup.
    assert ("fivefold_load_hit_ratio", "variant=uncached") not in found
    assert found["fivefold_load_hit_ratio", "variant=cached"] == 1
    assert "fivefold_load_speedup" not in {name for name, *_ in found}


def test_the_speedup_comes_with_its_interval() -> None:
    metrics = MetricsStore()
    for second in range(8):
        metrics.record(second, "uncached", "bypass", 8000 + second)
        metrics.record(second, "cached", "hit", 1000)
    found = samples(metrics)
    low, estimate, high = (
        found["fivefold_load_speedup", f"bound={bound}", "reference=uncached", "variant=cached"]
        for bound in ("low", "estimate", "high")
    )

    assert low <= estimate <= high
    assert round(estimate) == 8


def test_before_a_run_only_the_users_are_told() -> None:
    assert samples(MetricsStore()) == {("fivefold_load_users",): 3}
