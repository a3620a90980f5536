"""Who the primaries are, as nodes and Sentinels tell it."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis.cluster.discovery import (
    EVERYTHING,
    ClusterDiscovery,
    SentinelDiscovery,
    Shard,
)
from service.redis_url import read_redis_url
from tests.unit.service.adapters.redis.cluster.pretenders import ClusterFakes, PretendedServer

ONE, TWO = "redis://ada:pw@one:1", "redis://ada:pw@two:2"
CLUSTER = read_redis_url("redis+cluster://ada:pw@one:1,two:2")
SLOTS = [
    [0, 99, [b"one", 1, b"id-1"], [b"replica", 9, b"id-9"]],
    [100, 16383, [b"three", 3, b"id-3", []]],
    [100, 100, [b"one", 1, b"id-1"]],
]


@pytest.fixture
def fakes() -> ClusterFakes:
    return ClusterFakes()


def node(
    fakes: ClusterFakes, url: str, *, state: str = "ok", slots: Any = SLOTS
) -> PretendedServer:
    server = fakes.has(url)
    server.answers[("CLUSTER", "INFO")] = f"cluster_state:{state}\r\ncluster_size:3\r\n".encode()
    server.answers[("CLUSTER", "SLOTS")] = slots
    return server


async def test_each_primary_is_found_with_all_its_ranges_and_no_replica(
    fakes: ClusterFakes,
) -> None:
    node(fakes, ONE)

    assert list(await ClusterDiscovery(CLUSTER).shards(fakes.ask)) == [
        Shard(ONE, ((0, 99), (100, 100))),
        Shard("redis://ada:pw@three:3", ((100, 16383),)),
    ]


@pytest.mark.parametrize("host", [None, b"", b"?", ""])
async def test_a_node_without_an_address_is_where_the_question_went(
    fakes: ClusterFakes, host: bytes | None
) -> None:
    node(fakes, ONE, slots=[[0, 16383, [host, 7, b"id"]]])
    [shard] = await ClusterDiscovery(CLUSTER).shards(fakes.ask)

    assert shard.url == "redis://ada:pw@asked.example:7"


async def test_the_next_is_asked_where_one_is_down_or_cut_off_from_its_cluster(
    fakes: ClusterFakes,
) -> None:
    first = node(fakes, ONE, state="fail", slots=[[0, 16383, [b"old", 1, b"id"]]])
    node(fakes, TWO)
    cut_off = await ClusterDiscovery(CLUSTER).shards(fakes.ask)
    first.down = True
    down = await ClusterDiscovery(CLUSTER).shards(fakes.ask)

    assert len(cut_off) == len(down) == 2


async def test_the_node_that_answered_is_asked_again_and_the_others_are_not(
    fakes: ClusterFakes,
) -> None:
    first, second = node(fakes, ONE), node(fakes, TWO)
    first.down = True
    discovery = ClusterDiscovery(CLUSTER)
    await discovery.shards(fakes.ask)
    asked = first.asked
    await discovery.shards(fakes.ask)

    assert first.asked == asked
    assert second.asked == 4


async def test_a_node_that_the_url_does_not_name_is_asked_when_those_are_gone(
    fakes: ClusterFakes,
) -> None:
    first, second = node(fakes, ONE), node(fakes, TWO)
    node(fakes, "redis://ada:pw@three:3")
    discovery = ClusterDiscovery(CLUSTER)
    await discovery.shards(fakes.ask)
    first.down = second.down = True

    assert len(await discovery.shards(fakes.ask)) == 2


async def test_a_cluster_of_which_no_node_answers_is_an_outage(fakes: ClusterFakes) -> None:
    node(fakes, ONE).down = True
    node(fakes, TWO, state="fail")

    with pytest.raises(RedisConnectionError, match="no node"):
        await ClusterDiscovery(CLUSTER).shards(fakes.ask)


SENTINELS = read_redis_url("redis+sentinel://ada:pw@s1,s2,s3/cache/2")
STARTUP_NODES = SENTINELS.startup_nodes


def sentinels(fakes: ClusterFakes, *named: tuple[bytes, bytes] | None) -> SentinelDiscovery:
    for door, address in zip(STARTUP_NODES, named, strict=True):
        server = fakes.has(door)
        server.answers[("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "cache")] = address
    return SentinelDiscovery(SENTINELS)


NEW, OLD = (b"new", b"1"), (b"old", b"1")


async def test_the_primary_is_what_most_sentinels_that_know_one_name(fakes: ClusterFakes) -> None:
    outvoted = await sentinels(fakes, OLD, NEW, NEW).shards(fakes.ask)
    discovery = sentinels(fakes, OLD, NEW, None)
    fakes.servers[STARTUP_NODES[0]].down = True
    without_the_dead = await discovery.shards(fakes.ask)

    new = [Shard("redis://ada:pw@new:1/2", EVERYTHING)]
    assert list(outvoted) == list(without_the_dead) == new


async def test_without_a_vote_it_is_an_outage(fakes: ClusterFakes) -> None:
    discovery = sentinels(fakes, None, None, None)

    with pytest.raises(RedisConnectionError, match="no Sentinel"):
        await discovery.shards(fakes.ask)
