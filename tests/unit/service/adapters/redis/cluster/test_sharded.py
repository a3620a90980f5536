"""Each user's keys, and each caller's count, go to the node that holds them."""

from typing import Any, cast

import pytest

from service.adapters.redis.client import RedisUnavailable
from service.adapters.redis.cluster.discovery import Shard
from service.adapters.redis.cluster.sharded import ShardedLeasedCache, ShardedRateLimiter
from service.adapters.redis.cluster.shards import Shards
from service.coherence.fence import Fence, State
from service.domain import CachedValue, UserId
from service.limits import Decision, Rule
from tests.unit.service.adapters.redis.cluster.pretenders import ClusterFakes, Told, shards_of

A, B = "redis://a:1", "redis://b:1"
RULE = Rule("login", 5, 60)
# By CLUSTER KEYSLOT: 8191 and below are held by A.
LOW_USER, HIGH_USER = UserId("e" * 24), UserId("b" * 24)
TODOS = (CachedValue.TODOS,)


class Noting:
    """A cache or a limiter that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> Any:
        async def note(*arguments: object) -> str:
            self.asked.append((name, arguments[1] if name == "hit" else arguments[-1]))
            return name

        return note


@pytest.fixture
def fakes() -> ClusterFakes:
    fakes = ClusterFakes()
    for url in (A, B):
        server: Any = fakes.has(url)
        held = server.limiter = Noting()
        server.cache = lambda _, held=held: held
    return fakes


@pytest.fixture
async def shards(fakes: ClusterFakes) -> Shards:
    shards = shards_of(fakes, Told((Shard(A, ((0, 8191),)), Shard(B, ((8192, 16383),)))))
    await shards.refresh()
    return shards


def asked(fakes: ClusterFakes, url: str) -> list[str]:
    return [name for name, _ in cast(Any, fakes.servers[url]).limiter.asked]


def fence(run_id: str) -> Fence:
    return Fence("d", seq=1, state=State.ON, namespace=1, run_id=run_id)


async def test_every_command_of_a_user_goes_to_one_node(
    fakes: ClusterFakes, shards: Shards
) -> None:
    cache, here = ShardedLeasedCache(shards), fence(shards.newest.name)
    await cache.get(here, LOW_USER, TODOS)
    await cache.acquire(here, LOW_USER, TODOS, "t")
    await cache.fill(here, LOW_USER, "t", {CachedValue.TODOS: None})
    await cache.mark(here, LOW_USER, TODOS, "t")
    await cache.clear(here, LOW_USER, TODOS, "t")
    await cache.get(here, HIGH_USER, TODOS)
    both = sorted([asked(fakes, A), asked(fakes, B)], key=len)

    assert both == [["get"], ["get", "acquire", "fill", "mark", "clear"]]


async def test_a_fence_that_names_other_servers_is_obeyed_by_using_none(
    fakes: ClusterFakes, shards: Shards
) -> None:
    cache = ShardedLeasedCache(shards)
    with pytest.raises(RedisUnavailable):
        await cache.mark(fence("others"), LOW_USER, TODOS, "t")

    assert asked(fakes, A) == asked(fakes, B) == []


async def test_a_count_is_given_back_where_it_was_taken(
    fakes: ClusterFakes, shards: Shards
) -> None:
    limiter = ShardedRateLimiter(shards, deployment=lambda: "d")
    callers = [f"caller {number}" for number in range(20)]
    for caller in callers:
        await limiter.hit(RULE, caller)
        await limiter.refund(caller, Decision(rule=RULE, admitted=True, remaining=0))
    taken = asked(fakes, A) + asked(fakes, B)

    assert asked(fakes, A) == ["hit", "refund"] * (len(asked(fakes, A)) // 2)
    assert len(taken) == 2 * len(callers)
    assert asked(fakes, A)
    assert asked(fakes, B)
