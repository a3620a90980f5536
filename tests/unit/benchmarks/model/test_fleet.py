"""What a rate takes is the sum of what its operations cost, and never less than one of each."""

from dataclasses import replace

import pytest

from benchmarks.model.fence import Intervals
from benchmarks.model.fleet import Cost, Costs, Demand, plan

COSTS = Costs(
    worker=Cost(hit=0.2, miss=1.0, write=2.0, read=0.9),
    redis=Cost(hit=0.01, miss=0.05, write=0.04),
    database=Cost(miss=0.4, write=1.0, read=0.4),
    info=0.05,
    fence=0.1,
)
DEMAND = Demand(
    rate=10_000,
    hit_ratio=0.9,
    writes=0.1,
    users=1000,
    answer_bytes=5_000,
    entry_bytes=6_000,
    busy=0.5,
    node_bytes=2_000_000,
)


def test_each_part_is_busy_with_what_its_operations_cost() -> None:
    fleet = plan(DEMAND, COSTS)

    # 8 100 hits, 900 misses and 1 000 writes a second.
    assert fleet.workers == 10  # (1.62 + 0.9 + 2.0) cores at half their time
    assert fleet.workers_without == 21  # (8.1 + 2.0) cores
    renewals = 10 / 0.3
    assert fleet.renewals == pytest.approx(renewals)
    assert fleet.redis_cores == pytest.approx(0.081 + 0.045 + 0.04 + renewals * 0.05 / 1000)
    assert fleet.database_cores == pytest.approx(0.36 + 1.0 + renewals * 0.1 / 1000)
    assert fleet.database_cores_without == pytest.approx(3.6 + 1.0)


def test_the_database_is_asked_for_misses_alone() -> None:
    fleet = plan(DEMAND, COSTS)

    assert fleet.finds_without == pytest.approx(18_000)
    assert fleet.finds == pytest.approx(1_800)
    assert fleet.writes == pytest.approx(1_000)


def test_redis_is_asked_once_for_a_hit_and_three_times_for_the_rest() -> None:
    fleet = plan(DEMAND, COSTS)

    assert fleet.redis_commands == pytest.approx(8_100 + 3 * 1_900 + fleet.renewals)


def test_redis_gets_as_many_nodes_as_its_memory_or_its_core_asks_for() -> None:
    by_memory = plan(DEMAND, COSTS)
    by_core = plan(replace(DEMAND, rate=1e6), COSTS)

    assert by_memory.redis_bytes == 6_000_000
    assert by_memory.redis_nodes == 3
    assert by_core.redis_nodes > by_core.redis_cores / 0.5 - 1 > 3


def test_reads_alone_are_sent_to_clients() -> None:
    assert plan(DEMAND, COSTS).client_bits == pytest.approx(9_000 * 5_000 * 8)


def test_there_is_always_one_of_each() -> None:
    least = plan(replace(DEMAND, rate=1, users=0), COSTS)

    assert (least.workers, least.workers_without, least.redis_nodes) == (1, 1, 1)


def test_a_longer_lease_is_renewed_less_often() -> None:
    longer = replace(DEMAND, intervals=Intervals(lease_s=9.0))

    assert plan(longer, COSTS).renewals == pytest.approx(plan(DEMAND, COSTS).renewals / 10)


@pytest.mark.parametrize("busy", [0, 1.1, -1])
def test_a_core_works_for_a_share_of_its_time(busy: float) -> None:
    with pytest.raises(ValueError, match="a share of its time"):
        plan(replace(DEMAND, busy=busy), COSTS)
