from collections.abc import Sequence

import pytest

from benchmarks.analysis.model.hit_ratio import cold_run_with_writes
from benchmarks.analysis.quantities.ideal import ideal_hits
from benchmarks.analysis.quantities.workloads import WorkloadResult, workloads
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.popularity import Zipf
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.simulated_mix import (
    HIT_S,
    MISS_S,
    UNCACHED_S,
    USERS,
    VARIANTS,
    block,
    number,
    run,
)
from tests.unit.benchmarks.simulate import sample


def figures(
    name: str, samples: Sequence[Sample], *, variants: Sequence[str] = VARIANTS
) -> tuple[WorkloadResult, ...]:
    return workloads(
        samples, scenario=SCENARIOS[name], users=USERS, variants=variants, caching={"cached"}
    )


@pytest.mark.parametrize("name", ["uniform", "zipf", "mostly-reads", "half-writes", "latest"])
def test_hits_of_an_ideal_cache_are_as_predicted(name: str) -> None:
    [workload] = figures(name, run(name))

    for slot in workload.slots.values():
        assert slot.measured is not None
        assert slot.measured == pytest.approx(slot.predicted, abs=0.02)
    assert workload.hit_ratio == workload.slots["todos"].measured


def test_hits_of_an_ideal_cache_are_the_ideal_hits_in_every_block() -> None:
    scenario = SCENARIOS["mostly-reads"]

    for observation in range(20):
        samples = block(scenario, "cached", observation, operations=200)
        assert sum(each.outcome == "hit" for each in samples) == ideal_hits(
            samples, scenario.changes
        )


def test_the_prediction_is_for_the_operations_of_one_block() -> None:
    [short] = figures("mostly-reads", run("mostly-reads", operations=50))
    [long] = figures("mostly-reads", run("mostly-reads", operations=400))

    shares = Zipf().shares(USERS)
    for workload, operations in ((short, 50), (long, 400)):
        assert workload.operations_per_user == operations / USERS
        assert workload.slots["todos"].predicted == pytest.approx(
            cold_run_with_writes(0.95 * shares, 0.05 * shares, requests=operations)
        )


def test_operations_are_counted_over_all_blocks() -> None:
    [workload] = figures("half-writes", run("half-writes", observations=10))

    assert workload.operations == workload.reads + workload.writes == 1000
    assert workload.writes / 1000 == pytest.approx(0.5, abs=0.05)


def test_the_speedup_is_that_of_all_operations_and_of_reads_alone() -> None:
    samples = run("half-writes")
    [workload] = figures("half-writes", samples)

    assert workload.speedup is not None
    assert workload.reads_speedup is not None
    reads = [each for each in samples if each.action == "list" and each.variant == "cached"]
    read_s = sum(each.duration_s for each in reads) / len(reads)
    slower = sum(1 + observation % 3 for observation in range(40)) / 40
    assert workload.reads_speedup.centre == pytest.approx(UNCACHED_S * slower / read_s, rel=0.05)
    assert 1 < workload.speedup.centre < workload.reads_speedup.centre
    assert workload.speedup.low < workload.speedup.centre < workload.speedup.high


def test_a_speedup_is_of_pairs_so_that_what_slows_both_cancels() -> None:
    # Every block does the same here but for its speed, which varies threefold.
    scenario = SCENARIOS["zipf"]
    samples = [
        sample(
            scenario="zipf",
            observation=observation,
            block=number(observation, variant),
            variant=variant,
            duration_s=(0.04 if variant == "uncached" else 0.01) * (1 + observation),
        )
        for observation in range(6)
        for variant in VARIANTS
    ]

    [workload] = workloads(
        samples, scenario=scenario, users=USERS, variants=VARIANTS, caching=VARIANTS
    )

    assert workload.speedup is not None
    assert (workload.speedup.low, workload.speedup.high) == pytest.approx((4, 4))


def test_reads_alone_have_no_speedup_where_only_one_block_has_any() -> None:
    samples = [
        sample(
            scenario="half-writes",
            observation=observation,
            block=number(observation, variant),
            variant=variant,
            action=action,
        )
        for observation, action in enumerate(["list", "complete"])
        for variant in VARIANTS
    ]

    [workload] = figures("half-writes", samples)

    assert workload.reads_speedup is None
    assert workload.speedup is not None


def test_the_blocks_of_a_restart_count_together() -> None:
    # Within a restart nothing varies; between them the ratio does, and so it is not known.
    samples = [
        sample(
            scenario="zipf",
            restart=observation // 10,
            observation=observation,
            block=number(observation, variant),
            variant=variant,
            duration_s=0.04 if variant == "uncached" else 0.01 * (1 + observation // 10),
        )
        for observation in range(20)
        for variant in VARIANTS
    ]

    [workload] = figures("zipf", samples)

    assert workload.speedup is not None
    assert workload.speedup.low < 1
    assert workload.speedup.high > 8


def test_one_observation_is_not_enough_for_an_interval() -> None:
    [workload] = figures("zipf", run("zipf", observations=1))

    assert workload.speedup is None
    assert workload.hit_ratio > 0.5


def test_the_median_tells_of_hits_and_the_tail_of_misses() -> None:
    [workload] = figures("uniform", [e for e in run("uniform") if e.observation % 3 == 0])

    assert workload.percentiles["p50"] == pytest.approx(UNCACHED_S / HIT_S)
    assert workload.percentiles["p99"] == pytest.approx(UNCACHED_S / MISS_S)


def test_a_percentile_of_too_few_requests_is_not_given() -> None:
    [few] = figures("zipf", run("zipf", observations=2, operations=183))
    [enough] = figures("zipf", run("zipf", observations=2, operations=184))

    assert few.percentiles["p95"] is not None
    assert few.percentiles["p99"] is None
    assert enough.percentiles["p99"] is not None


def test_nothing_is_predicted_for_a_variant_without_a_cache_nor_measured_where_none_speaks() -> (
    None
):
    variants = ("uncached", "static")
    [workload] = figures("zipf", run("zipf", variants=variants), variants=variants)

    assert workload.hit_ratio == 0
    assert {(slot.measured, slot.predicted) for slot in workload.slots.values()} == {(None, None)}


def test_lists_that_expire_are_predicted_by_the_pace_that_was_kept() -> None:
    samples = run("ttl-bound", observations=2, operations=300)
    stretched = [
        sample(
            **{name: getattr(each, name) for name in each.__slots__} | {"start_s": each.start_s * 3}
        )
        for each in samples
    ]

    [kept] = figures("ttl-bound", samples)
    [late] = figures("ttl-bound", stretched)

    assert kept.slots["todos"].predicted is not None
    assert late.slots["todos"].predicted is not None
    assert late.slots["todos"].predicted < kept.slots["todos"].predicted - 0.1
    assert late.slots["user"].predicted == kept.slots["user"].predicted


def test_an_observation_without_a_block_of_each_variant_counts_for_nothing() -> None:
    samples = run("zipf", observations=3)
    unfinished = block(SCENARIOS["zipf"], "cached", 3, operations=100)

    assert figures("zipf", samples + unfinished) == figures("zipf", samples)
    assert figures("zipf", unfinished) == ()
