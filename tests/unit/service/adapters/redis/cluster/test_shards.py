"""Several primaries as one memory: its name, its maps, and who is asked for which key."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.client import RedisUnavailable
from service.adapters.redis.cluster.discovery import EVERYTHING, ClusterDiscovery, Shard
from service.adapters.redis.cluster.shards import KEPT, Primary, Shards
from service.coherence.recovery import NotPrimary
from tests.unit.service.adapters.redis.cluster.pretenders import ClusterFakes, PretendedServer, Told

LOW, HIGH = (0, 8191), (8192, 16383)
A, B, C = "redis://a:1", "redis://b:1", "redis://c:1"
TWO = (Shard(A, (LOW,)), Shard(B, (HIGH,)))
# CRC16("123456789") is 0x31c3 in the cluster's specification: in the high half.
IN_HIGH, IN_LOW = b"123456789", b"bar"


def where(primary: Primary) -> str:
    server = cast(PretendedServer, primary.node)
    return f"{server.url} {primary.incarnation}"


@pytest.fixture
def fakes() -> ClusterFakes:
    fakes = ClusterFakes()
    for url in (A, B, C):
        fakes.has(url)
    return fakes


@pytest.fixture
def told() -> Told:
    return Told(TWO)


@pytest.fixture
def shards(fakes: ClusterFakes, told: Told) -> Shards:
    return Shards(cast(ClusterDiscovery, told), fakes.open_node)


async def test_the_name_depends_neither_on_the_address_that_a_process_uses_nor_on_the_order(
    fakes: ClusterFakes, told: Told, shards: Shards
) -> None:
    fakes.has("redis://a.example:1", run=f"run of {A}")
    name = await shards.refresh()
    told.found = (TWO[1], Shard("redis://a.example:1", (LOW,)))

    assert await shards.refresh() == name
    assert where(shards.named(name).holder(IN_LOW)).startswith("redis://a.example:1 ")


@pytest.mark.parametrize("url", [A, B])
@pytest.mark.parametrize("changed", ["run_id", "master_replid"])
async def test_another_memory_of_any_node_is_another_name(
    fakes: ClusterFakes, shards: Shards, url: str, changed: str
) -> None:
    before = await shards.refresh()
    fakes.servers[url].info_fields[changed] = "another"

    assert await shards.refresh() != before


@pytest.mark.parametrize(
    "found",
    [
        (Shard(A, ((0, 8190),)), Shard(B, ((8191, 16383),))),
        (Shard(B, (LOW,)), Shard(A, (HIGH,))),
    ],
)
async def test_hash_slots_that_moved_are_another_name(
    shards: Shards, told: Told, found: tuple[Shard, ...]
) -> None:
    before = await shards.refresh()
    told.found = found

    assert await shards.refresh() != before


async def test_a_single_primary_has_the_name_that_it_has_as_a_single_server(
    shards: Shards, told: Told
) -> None:
    told.found = (Shard(A, EVERYTHING),)

    assert await shards.refresh() == f"run of {A}:r"


async def test_each_key_belongs_to_who_holds_its_slot(shards: Shards) -> None:
    found = shards.named(await shards.refresh())

    assert where(found.holder(IN_LOW)) == f"{A} run of {A}:r"
    assert where(found.holder(IN_HIGH)) == f"{B} run of {B}:r"
    assert found.holder(b"any:{123456789}:thing") is found.holder(IN_HIGH)


async def test_slots_that_belong_to_nobody_are_an_outage(shards: Shards, told: Told) -> None:
    told.found = (Shard(A, (LOW,)), Shard(B, ((8192, 16382),)))

    with pytest.raises(RedisConnectionError, match="no node"):
        await shards.refresh()


async def test_one_node_that_is_a_replica_or_down_is_an_outage_of_the_whole(
    fakes: ClusterFakes, shards: Shards
) -> None:
    name = await shards.refresh()
    fakes.servers[B].info_fields["role"] = "slave"
    with pytest.raises(NotPrimary):
        await shards.refresh()
    fakes.servers[B].down = True
    with pytest.raises(RedisConnectionError):
        await shards.refresh()
    with pytest.raises(RedisConnectionError):
        await shards.ping()

    assert shards.newest.name == name, "what is up is still known"


@pytest.mark.parametrize("asked", [Shards.refresh, Shards.ping])
async def test_a_node_that_is_down_leaves_no_question_to_the_others_under_way(
    fakes: ClusterFakes, shards: Shards, asked: Callable[[Shards], Awaitable[object]]
) -> None:
    await shards.refresh()
    fakes.servers[A].down, fakes.servers[B].turns = True, 9
    with pytest.raises(RedisConnectionError):
        await asked(shards)

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_node_that_cannot_be_closed_keeps_no_other_open(
    fakes: ClusterFakes, shards: Shards
) -> None:
    await shards.refresh()
    fakes.servers[A].down = True
    with pytest.raises(RedisConnectionError):
        await shards.aclose()

    assert fakes.servers[B].closed


async def test_before_the_first_look_nothing_is_known(shards: Shards) -> None:
    with pytest.raises(RedisUnavailable):
        _ = shards.newest
    with pytest.raises(RedisUnavailable):
        await shards.ping()


async def test_the_map_of_an_older_fence_stays_as_it_was_and_looking_again_makes_nothing(
    fakes: ClusterFakes, shards: Shards
) -> None:
    older = await shards.refresh()
    found = shards.named(older)
    await shards.refresh()
    same = shards.named(older)
    fakes.servers[B].info_fields["run_id"] = "restarted"
    newer = await shards.refresh()

    assert same is found
    assert where(shards.named(older).holder(IN_HIGH)) == f"{B} run of {B}:r"
    assert where(shards.named(newer).holder(IN_HIGH)) == f"{B} restarted:r"
    assert shards.newest.name == newer


async def test_nodes_that_are_in_no_map_any_more_are_closed_and_others_are_not(
    fakes: ClusterFakes, shards: Shards, told: Told
) -> None:
    first = await shards.refresh()
    told.found = (TWO[0], Shard(C, (HIGH,)))
    for number in range(KEPT):
        fakes.servers[A].info_fields["run_id"] = f"run {number}"
        await shards.refresh()

    assert fakes.servers[B].closed
    assert not fakes.servers[A].closed
    with pytest.raises(RedisUnavailable):
        shards.named(first)
    await shards.aclose()
    assert fakes.servers[A].closed
    assert fakes.servers[C].closed
