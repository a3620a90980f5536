from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.analysis.quantities.summary import (
    RegimeSummary,
    WorkloadResult,
    summarise,
    workloads,
)
from benchmarks.storage.records import Outcome, Sample
from tests.unit.benchmarks.simulate import group_of, header, run_samples, sample, scenario

TIMES_S = {"bypass": 0.010, "hit": 0.001, "miss": 0.012, "write": 0.020}


def summary_of(samples: list[Sample]) -> RegimeSummary:
    return summarise(group_of(samples))


def test_totals_their_ratio_medians_hits_and_database_time_come_out_as_put_in() -> None:
    summary = summary_of(run_samples(noise=0, db_ms=55.3))

    [ratio] = summary.ratios
    totals = {each.variant: each.total_ms and each.total_ms.centre for each in summary.variants}
    assert totals == pytest.approx({"uncached": 250, "cached": 55})
    assert ratio.shown is not None
    assert (ratio.ratio, ratio.shown.centre) == pytest.approx((250 / 55, 250 / 55))
    # Medians are kept apart by outcome.
    p50 = {(v.variant, x.outcome): x.p50_ms for v in summary.variants for x in v.latencies}
    assert p50 == pytest.approx(
        {("uncached", "bypass"): 50, ("cached", "miss"): 51, ("cached", "hit"): 1}
    )
    assert [each.hit_ratio for each in summary.variants] == [0, 0.8]
    assert summary.database_ms == 55.3


def test_one_observation_gives_a_ratio_without_an_interval() -> None:
    [ratio] = summary_of(run_samples(observations=1)).ratios

    assert ratio.ratio > 4
    assert ratio.shown is None


def mix(
    *, blocks: int = 8, operations: int = 100, actions: Sequence[str] = ("list",)
) -> list[Sample]:
    """Have every tenth operation miss; of three blocks each is slower than the one before."""
    samples = []
    for place in range(2 * blocks):
        variant = ("uncached", "cached")[place % 2]
        for index in range(operations):
            action = actions[index % len(actions)]
            read: Outcome = "hit" if index % 10 else "miss"
            usual: Outcome = read if variant == "cached" else "bypass"
            outcome: Outcome = "write" if action == "complete" else usual
            samples.append(
                sample(
                    scenario="mix",
                    observation=place // 2,
                    block=place,
                    variant=variant,
                    index=index,
                    action=action,
                    outcome=outcome,
                    duration_s=TIMES_S[outcome] * (1 + place // 2 % 3),
                )
            )
    return samples


def result(samples: Sequence[Sample]) -> WorkloadResult:
    described = scenario("mix", kind="mix", requests=0, changing=("complete",))
    [group] = groups_of(header(scenarios=(described,)), samples)
    [workload] = workloads(group)
    return workload


def test_the_speedup_of_a_mix_is_that_of_all_operations_and_of_reads_alone() -> None:
    found = result(mix(blocks=10, actions=("list", "complete")))

    assert found.hit_ratio == 0.8  # every fifth read is the tenth operation
    assert found.speedup is not None
    assert found.reads_speedup is not None
    read_s = 0.8 * TIMES_S["hit"] + 0.2 * TIMES_S["miss"]
    assert found.reads_speedup.centre == pytest.approx(TIMES_S["bypass"] / read_s)
    # What slows both of a pair cancels.
    assert found.speedup.low == pytest.approx(30 / (20 + 1000 * read_s))
    assert found.speedup.high == pytest.approx(found.speedup.low)


def test_reads_alone_have_no_speedup_where_only_one_block_has_any() -> None:
    found = result(
        [replace(each, action="complete" if each.observation else "list") for each in mix(blocks=2)]
    )

    assert found.reads_speedup is None
    assert found.speedup is not None


@pytest.mark.parametrize(("operations", "has_p99"), [(45, False), (46, True)])
def test_the_median_is_that_of_hits_and_a_tail_of_enough_requests_that_of_misses(
    operations: int,
    has_p99: bool,  # noqa: FBT001
) -> None:
    even = [each for each in mix(blocks=24, operations=operations) if each.observation % 3 == 0]
    percentiles = result(even).percentiles

    assert percentiles["p50"] == pytest.approx(10)
    assert percentiles["p99"] == (pytest.approx(10 / 12) if has_p99 else None)
