"""Connections bound to one incarnation of a real Redis."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from service.adapters.redis import shared
from service.adapters.redis.client import connect
from service.adapters.redis.shared import KEPT, RunBoundConnections, incarnation
from tests.integration.service.conftest import ServiceRedis, eventually

pytestmark = pytest.mark.servers


@pytest.fixture
async def client(own_redis: ServiceRedis) -> AsyncIterator[Redis]:
    async with connect(own_redis.url, deadline_s=5.0) as client:
        yield client


@pytest.fixture
async def connections(own_redis: ServiceRedis) -> AsyncIterator[RunBoundConnections]:
    connections = RunBoundConnections(own_redis.url)
    yield connections
    await connections.aclose()


async def test_a_connection_that_was_given_up_is_not_left_behind(
    client: Redis, connections: RunBoundConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "RETIRE_AFTER_S", 0.01)
    await connections.to(incarnation(await client.info())).call(("PING",), deadline_s=5.0)
    assert len(await client.client_list()) == 2
    for number in range(KEPT):
        connections.to(str(number))

    async def alone() -> bool:
        return len(await client.client_list()) == 1

    await eventually(alone)
