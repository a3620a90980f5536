"""Callers that go away at any moment never leave their answer to somebody else (redis-py #2665)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.relay import RelayMode
from service.adapters.redis import client as client_module
from service.domain import CachedValue, UserId
from tests.contract.cache_setup import CacheSetup, open_redis_cache
from tests.security.fuzzing import LONG

SEED = 25
CANCELS = 10_000 if LONG else 2_000
CROWD = 100
DELAY_S = 0.002
USERS = [UserId(f"{number:024x}") for number in range(8)]


@pytest.fixture
def slow(servers: Stack, tmp_path: Path) -> Iterator[FaultProxy]:
    """Stand before the server and delay every answer."""
    with start_proxy(_url(servers), log=tmp_path / "proxy.log") as proxy:
        proxy.switch(RelayMode.DELAY, delay_ms=DELAY_S * 500)
        yield proxy


@pytest.fixture
async def watcher(servers: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    """Look at the server past the proxy; everybody has patience for a busy machine."""
    monkeypatch.setattr(client_module, "CONNECT_DEADLINE_S", 10.0)
    async with client_module.connect(_url(servers), deadline_s=10.0) as client:
        yield client


async def test_a_cancelled_read_leaves_no_bytes_for_the_next_caller(
    slow: FaultProxy, watcher: Redis
) -> None:
    chance, cancelled, answered = random.Random(SEED), 0, Counter[UserId]()
    async with _filled_cache(slow.url, watcher) as setup:

        async def ask() -> None:
            """Read once; nine of ten readers give up after a random time."""
            nonlocal cancelled
            user_id = chance.choice(USERS)
            patience_s = None if chance.random() < 0.1 else chance.uniform(0, 2 * DELAY_S)
            try:
                async with asyncio.timeout(patience_s):
                    answer = await _read(setup, user_id, at_once=chance.random() < 0.5)
            except TimeoutError:
                cancelled += 1
                return
            assert answer == _value(user_id)
            answered[user_id] += 1

        while cancelled < CANCELS or any(answered[each] < CANCELS // 100 for each in USERS):
            await asyncio.gather(*(ask() for _ in range(CROWD)))
        calm = [await _read(setup, user_id, at_once=True) for user_id in USERS]

    assert calm == [_value(user_id) for user_id in USERS]


async def _read(setup: CacheSetup, user_id: UserId, *, at_once: bool) -> bytes | None:
    """Get both values by one command, or a list by a script."""
    if at_once:
        both = (CachedValue.USER, CachedValue.TODOS)
        user, todos = await setup.cache.get(setup.fence, user_id, both)
        assert user is None
        return todos
    answers = await setup.cache.acquire(setup.fence, user_id, (CachedValue.TODOS,), "a token")
    answer = answers[CachedValue.TODOS]
    return answer if isinstance(answer, bytes) else None


@asynccontextmanager
async def _filled_cache(url: str, watcher: Redis) -> AsyncIterator[CacheSetup]:
    """Yield the service's own cache on this server; each user's todos slot is filled."""
    deployment = f"storm_{random.getrandbits(64):x}"
    async with open_redis_cache(url, watcher, deployment) as setup:
        for user_id in USERS:
            await setup.cache.acquire(setup.fence, user_id, (CachedValue.TODOS,), "filler")
            filled = {CachedValue.TODOS: (_value(user_id), 300.0)}
            await setup.cache.fill(setup.fence, user_id, "filler", filled)
        yield setup


def _url(servers: Stack) -> str:
    assert servers.redis is not None
    return servers.redis.url


def _value(user_id: UserId) -> bytes:
    # Of another length for everybody, so that half an answer is seen as well.
    return user_id.encode() * (1 + int(user_id, 16) * 40)
