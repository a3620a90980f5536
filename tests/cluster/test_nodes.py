"""A real cluster: nodes that fail, seen from the cache's adapter, and its URL handed on."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from benchmarks.stack.embedded import Stack, open_stack
from service.adapters.redis import client
from service.adapters.redis.client import FAILURES
from service.adapters.redis.cluster.shards import Shards
from service.adapters.redis.leased import RedisLeasedCache
from service.coherence.cache import CacheUnavailable
from service.coherence.fence import Fence
from service.domain import UserId
from tests.contract.cache_setup import FENCE, PATIENT, TODOS, open_cluster
from tests.redis_cluster import OwnCluster

pytestmark = pytest.mark.servers

USERS = [UserId(digit * 24) for digit in "0123456789abcdef"]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the time that a busy machine needs for a connection."""
    monkeypatch.setattr(client, "CONNECT_DEADLINE_S", 2.0)


@pytest.fixture
async def shards(calm_cluster: OwnCluster) -> AsyncIterator[Shards]:
    async with open_cluster(calm_cluster.url, deadline_s=1.0) as shards:
        yield shards


@pytest.fixture
async def fence(shards: Shards) -> Fence:
    return replace(FENCE, run_id=shards.newest.name)


async def test_a_node_that_hangs_keeps_only_its_own_users_waiting(
    calm_cluster: OwnCluster, shards: Shards, fence: Fence
) -> None:
    cache = RedisLeasedCache(shards.memory_of, PATIENT, deadline_s=1.0)
    node_of = {user: calm_cluster.primary_of(f"{{{user}}}") for user in USERS}
    hung = USERS[0]
    others = [user for user in USERS if node_of[user] != node_of[hung]]
    for user in USERS:
        await cache.get(fence, user, TODOS)
    process = calm_cluster.nodes[node_of[hung]].process
    process.pause()
    try:
        for _ in range(FAILURES):
            with pytest.raises(CacheUnavailable):
                await cache.get(fence, hung, TODOS)
        with pytest.raises(CacheUnavailable, match="a moment ago"):
            await cache.get(fence, hung, TODOS)
        answered = [list(await cache.get(fence, user, TODOS)) for user in others]
    finally:
        process.resume()
        calm_cluster.wait_whole()

    assert answered == [[None]] * len(others)
    assert others


async def test_what_a_node_answers_for_a_slot_that_moves_is_an_outage(
    calm_cluster: OwnCluster, shards: Shards, fence: Fence
) -> None:
    cache, user = RedisLeasedCache(shards.memory_of, PATIENT, deadline_s=1.0), USERS[1]
    source = calm_cluster.primary_of(f"{{{user}}}")
    numbers = range(len(calm_cluster.nodes))
    target = next(each for each in numbers if calm_cluster.is_primary(each) and each != source)
    slot = calm_cluster.ask(source, "CLUSTER", "KEYSLOT", f"{{{user}}}")
    calm_cluster.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", calm_cluster.node_id(source))
    calm_cluster.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", calm_cluster.node_id(target))
    try:
        with pytest.raises(CacheUnavailable, match="ASK"):
            await cache.mark(fence, user, TODOS, "w")
        assert await shards.refresh() == fence.run_id, "the slot has not moved yet"
    finally:
        for number in (source, target):
            calm_cluster.ask(number, "CLUSTER", "SETSLOT", slot, "STABLE")

    await cache.mark(fence, user, TODOS, "w")
    await cache.clear(fence, user, TODOS, "w")


async def test_the_name_of_a_cluster_is_the_same_whichever_node_is_asked(
    calm_cluster: OwnCluster,
) -> None:
    names = set()
    for node in calm_cluster.nodes:
        async with open_cluster(f"redis+cluster://127.0.0.1:{node.port}") as seen:
            names.add(seen.newest.name)

    assert len(names) == 1


async def test_a_cache_is_pinned_to_one_incarnation_of_its_node(
    shards: Shards, fence: Fence
) -> None:
    user, node = USERS[2], shards.newest.holder(USERS[2].encode()).node
    older = RedisLeasedCache(lambda *_: node.memory("a run before:its history"), PATIENT)
    with pytest.raises(CacheUnavailable, match="another run"):
        await older.mark(fence, user, TODOS, "w")

    present = RedisLeasedCache(shards.memory_of, PATIENT, deadline_s=1.0)
    await present.mark(fence, user, TODOS, "w")
    await present.clear(fence, user, TODOS, "w")


def test_whoever_hands_the_url_on_takes_a_cluster(servers: Stack, calm_cluster: OwnCluster) -> None:
    environ = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": calm_cluster.url}
    with open_stack(environ=environ, several=True) as stack:
        assert stack.redis is not None
        assert (stack.redis.kind, stack.redis.url) == ("external", calm_cluster.url)
        assert stack.redis.product in {"Redis", "Valkey"}
