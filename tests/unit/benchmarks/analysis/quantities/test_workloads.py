import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from benchmarks.analysis.quantities.plan import Plan
from benchmarks.analysis.quantities.workloads import WorkloadResult, workloads
from benchmarks.scenarios import SCENARIOS
from benchmarks.scenarios.base import Draw
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.simulate import header, sample, scenario
from tests.unit.benchmarks.simulate import variants as described

USERS = 20
VARIANTS = ("uncached", "cached")
UNCACHED_S, HIT_S, MISS_S, WRITE_S = 0.010, 0.001, 0.012, 0.020


def number(observation: int, variant: str) -> int:
    """Return the number of a block."""
    return 3 * observation + ("uncached", "cached", "static").index(variant)


def block(name: str, variant: str, observation: int, *, operations: int) -> list[Sample]:
    """Make the samples of one block; of three observations each is slower than the one before."""
    mix, slower = SCENARIOS[name], 1 + observation % 3
    given = Draw(users=USERS, amount=operations, turn=observation, rng=random.Random(observation))
    filled: set[int] = set()
    known: set[int] = set()
    samples = []
    for index, each in enumerate(mix.draw(given)):
        writes, hit = each.action in mix.changes, each.user in filled
        values: dict[str, Any] = {"outcome": "bypass", "slots": "todos=off user=off"}
        duration_s = UNCACHED_S
        if variant == "cached":
            user = f"user={'hit' if each.user in known else 'cold'}"
            todos = f"todos={'hit' if hit else 'cold'}"
            values = {
                "outcome": "write" if writes else "hit" if hit else "miss",
                "slots": user if writes else f"{todos} {user}",
            }
            duration_s = HIT_S if hit else MISS_S
            known.add(each.user)
            (filled.discard if writes else filled.add)(each.user)
        elif variant == "static":
            values = {"outcome": "unknown", "slots": ""}
        samples.append(
            sample(
                scenario=name,
                observation=observation,
                block=number(observation, variant),
                variant=variant,
                user=each.user,
                index=index,
                action=each.action,
                start_s=100 * observation + index * 0.01,
                duration_s=(WRITE_S if writes else duration_s) * slower,
                **values,
            )
        )
    return samples


@cache
def run(
    name: str,
    *,
    variants: Sequence[str] = VARIANTS,
    observations: int = 40,
    operations: int = 100,
) -> tuple[Sample, ...]:
    """Make the blocks of all variants, in turn."""
    return tuple(
        each
        for observation in range(observations)
        for variant in variants
        for each in block(name, variant, observation, operations=operations)
    )


def results(
    name: str, samples: Sequence[Sample], *, variants: Sequence[str] = VARIANTS
) -> tuple[WorkloadResult, ...]:
    changing = tuple(sorted(SCENARIOS[name].changes))
    plan = Plan(
        header(
            scenarios=(scenario(name, kind="mix", requests=0, changing=changing),),
            variants=described(*variants),
        )
    )
    return tuple(
        workload
        for group in plan.groups(samples)
        for workload in workloads(group, scenario=SCENARIOS[name], users=USERS, caching={"cached"})
    )


def single_reads(observations: int, **by_variant: Any) -> list[Sample]:
    """Make one request a block; each value is one of the observation's number."""
    return [
        sample(
            scenario="zipf",
            restart=observation // 10,
            observation=observation,
            block=number(observation, variant),
            variant=variant,
            duration_s=by_variant[variant](observation),
        )
        for observation in range(observations)
        for variant in VARIANTS
    ]


@pytest.mark.parametrize("name", ["uniform", "zipf", "mostly-reads", "half-writes", "latest"])
def test_hits_of_an_ideal_cache_are_as_predicted(name: str) -> None:
    [workload] = results(name, run(name))

    for slot in workload.slots.values():
        assert slot.measured is not None
        assert slot.measured == pytest.approx(slot.predicted, abs=0.02)
    assert workload.hit_ratio == workload.slots["todos"].measured


def test_operations_are_counted_over_all_blocks() -> None:
    [workload] = results("half-writes", run("half-writes", observations=10))

    assert workload.operations == workload.reads + workload.writes == 1000
    assert workload.operations_per_user == 100 / USERS
    assert workload.writes / 1000 == pytest.approx(0.5, abs=0.05)


def test_the_speedup_is_that_of_all_operations_and_of_reads_alone() -> None:
    samples = run("half-writes")
    [workload] = results("half-writes", samples)

    assert workload.speedup is not None
    assert workload.reads_speedup is not None
    reads = [each for each in samples if each.action == "list" and each.variant == "cached"]
    read_s = sum(each.duration_s for each in reads) / len(reads)
    slower = sum(1 + observation % 3 for observation in range(40)) / 40
    assert workload.reads_speedup.centre == pytest.approx(UNCACHED_S * slower / read_s, rel=0.05)
    assert 1 < workload.speedup.centre < workload.reads_speedup.centre
    assert workload.speedup.low < workload.speedup.centre < workload.speedup.high


def test_a_speedup_is_of_pairs_so_that_what_slows_both_cancels() -> None:
    samples = single_reads(6, uncached=lambda n: 0.04 * (1 + n), cached=lambda n: 0.01 * (1 + n))

    [workload] = results("zipf", samples)

    assert workload.speedup is not None
    assert (workload.speedup.low, workload.speedup.high) == pytest.approx((4, 4))


def test_the_blocks_of_a_restart_count_together() -> None:
    # Within a restart nothing varies; between them the ratio does, and so it is not known.
    samples = single_reads(20, uncached=lambda _: 0.04, cached=lambda n: 0.01 * (1 + n // 10))

    [workload] = results("zipf", samples)

    assert workload.speedup is not None
    assert workload.speedup.low < 1
    assert workload.speedup.high > 8


def test_reads_alone_have_no_speedup_where_only_one_block_has_any() -> None:
    samples = [
        replace(each, scenario="half-writes", action="complete" if each.observation else "list")
        for each in single_reads(2, uncached=lambda _: 0.04, cached=lambda _: 0.01)
    ]

    [workload] = results("half-writes", samples)

    assert workload.reads_speedup is None
    assert workload.speedup is not None


def test_one_observation_is_not_enough_for_an_interval() -> None:
    [workload] = results("zipf", run("zipf", observations=1))

    assert workload.speedup is None
    assert workload.hit_ratio > 0.5


def test_the_median_is_that_of_hits_and_the_tail_that_of_misses() -> None:
    [workload] = results("uniform", [e for e in run("uniform") if e.observation % 3 == 0])

    assert workload.percentiles["p50"] == pytest.approx(UNCACHED_S / HIT_S)
    assert workload.percentiles["p99"] == pytest.approx(UNCACHED_S / MISS_S)


@pytest.mark.parametrize(("operations", "has_p99"), [(45, False), (46, True)])
def test_a_percentile_of_too_few_requests_is_not_given(
    operations: int,
    has_p99: bool,  # noqa: FBT001
) -> None:
    [workload] = results("zipf", run("zipf", observations=8, operations=operations))

    assert workload.percentiles["p95"] is not None
    assert (workload.percentiles["p99"] is not None) is has_p99


def test_without_a_cache_or_answers_about_it_nothing_is_predicted_or_measured() -> None:
    variants = ("uncached", "static")
    [workload] = results("zipf", run("zipf", variants=variants), variants=variants)

    assert workload.hit_ratio == 0
    assert {(slot.measured, slot.predicted) for slot in workload.slots.values()} == {(None, None)}


def test_lists_that_expire_are_predicted_by_the_pace_that_was_kept() -> None:
    samples = run("ttl-bound", observations=2, operations=300)

    [kept] = results("ttl-bound", samples)
    [late] = results("ttl-bound", [replace(each, start_s=each.start_s * 3) for each in samples])

    assert kept.slots["todos"].predicted is not None
    assert late.slots["todos"].predicted is not None
    assert late.slots["todos"].predicted < kept.slots["todos"].predicted - 0.1
    assert late.slots["user"].predicted == kept.slots["user"].predicted
