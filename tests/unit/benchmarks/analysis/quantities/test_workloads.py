from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.quantities.workloads import WorkloadResult, workloads
from benchmarks.storage.records import Outcome, Sample
from tests.unit.benchmarks.simulate import header, sample, scenario

OPERATIONS = 100
TIMES_S = {"bypass": 0.010, "hit": 0.001, "miss": 0.012, "write": 0.020}
HALF_WRITES = ("list", "complete")


def run(
    *, blocks: int = 8, operations: int = OPERATIONS, actions: Sequence[str] = ("list",)
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
    [group] = Plan(header(scenarios=(described,))).groups(samples)
    [workload] = workloads(group)
    return workload


def single_reads(observations: int, cached_s: Callable[[int], float]) -> list[Sample]:
    """Make one request a block, of 40 ms without a cache; a restart has ten of each."""
    return [
        sample(
            scenario="mix",
            restart=observation // 10,
            observation=observation,
            block=2 * observation + place,
            variant=variant,
            duration_s=duration_s,
        )
        for observation in range(observations)
        for place, (variant, duration_s) in enumerate(
            [("uncached", 0.04), ("cached", cached_s(observation))]
        )
    ]


def test_operations_and_hits_are_counted_over_all_blocks() -> None:
    found = result(run(blocks=10, actions=HALF_WRITES))

    assert (found.operations, found.reads, found.writes) == (1000, 500, 500)
    assert found.hit_ratio == 0.8  # every fifth read is the tenth operation


def test_the_speedup_is_that_of_all_operations_and_of_reads_alone() -> None:
    found = result(run(actions=HALF_WRITES))

    assert found.speedup is not None
    assert found.reads_speedup is not None
    read_s = 0.8 * TIMES_S["hit"] + 0.2 * TIMES_S["miss"]
    assert found.reads_speedup.centre == pytest.approx(TIMES_S["bypass"] / read_s)
    # What slows both of a pair cancels.
    assert found.speedup.low == pytest.approx(30 / (20 + 1000 * read_s))
    assert found.speedup.high == pytest.approx(found.speedup.low)


def test_the_blocks_of_a_restart_count_together() -> None:
    # Within a restart nothing varies; between them the ratio does, and so it is not known.
    found = result(single_reads(20, lambda number: 0.01 * (1 + number // 10)))

    assert found.speedup is not None
    assert found.speedup.low < 1
    assert found.speedup.high > 8


def test_reads_alone_have_no_speedup_where_only_one_block_has_any() -> None:
    found = result(
        [
            replace(each, action="complete" if each.observation else "list")
            for each in single_reads(2, lambda _: 0.01)
        ]
    )

    assert found.reads_speedup is None
    assert found.speedup is not None


def test_one_observation_is_not_enough_for_an_interval() -> None:
    found = result(run(blocks=1))

    assert found.speedup is None
    assert found.hit_ratio == 0.9


def test_the_median_is_that_of_hits_and_the_tail_that_of_misses() -> None:
    found = result([each for each in run(blocks=24) if each.observation % 3 == 0])

    assert found.percentiles["p50"] == pytest.approx(10)
    assert found.percentiles["p99"] == pytest.approx(10 / 12)


@pytest.mark.parametrize(("operations", "has_p99"), [(45, False), (46, True)])
def test_a_percentile_of_too_few_requests_is_not_given(
    operations: int,
    has_p99: bool,  # noqa: FBT001
) -> None:
    found = result(run(operations=operations))

    assert found.percentiles["p95"] is not None
    assert (found.percentiles["p99"] is not None) is has_p99
