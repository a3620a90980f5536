"""What an entry takes is a constant measured once: is it what this Redis says?"""

import secrets
from collections.abc import Iterator

import pytest
from redis import Redis

from benchmarks.analysis.model.sizing import entry_bytes_in_redis
from benchmarks.stack.embedded import Stack
from tests import needs

pytestmark = pytest.mark.servers
MANY = 500


@pytest.fixture
def redis(servers: Stack) -> Iterator[Redis]:
    needs.program("redis-server")
    assert servers.redis is not None
    with Redis.from_url(servers.redis.url) as client:
        yield client


@pytest.mark.parametrize("value_bytes", [500, 1000, 2000, 4096, 6800, 20_000])
def test_redis_says_of_an_entry_what_the_advice_counts(redis: Redis, value_bytes: int) -> None:
    keys = [f"fivefold:advise-tests:2:1:{{{secrets.token_hex(12)}}}:todos" for _ in range(MANY)]
    for key in keys:
        redis.set(key, secrets.token_bytes(value_bytes), px=60_000)

    taken = [redis.memory_usage(key, samples=0) or 0 for key in keys]

    redis.delete(*keys)
    counted = entry_bytes_in_redis(value_bytes)
    assert sum(taken) / MANY == pytest.approx(counted, rel=0.1)
    assert sum(taken) / MANY <= counted
