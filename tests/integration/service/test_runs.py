"""Connections bound to one incarnation of a real Redis."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from service.adapters.redis import shared
from service.adapters.redis.client import connect
from service.adapters.redis.shared import KEPT, RunBoundConnections, incarnation
from service.coherence.recovery import NotPrimary
from tests.integration.service.conftest import ServiceRedis, eventually, running_redis

pytestmark = pytest.mark.servers


@pytest.fixture
async def client(own_redis: ServiceRedis) -> AsyncIterator[Redis]:
    async with connect(own_redis.url, deadline_s=5.0) as client:
        yield client


@pytest.fixture
def other_redis(tmp_path: Path) -> Iterator[ServiceRedis]:
    with running_redis(tmp_path / "other") as redis:
        yield redis


@pytest.fixture
async def connections(own_redis: ServiceRedis) -> AsyncIterator[RunBoundConnections]:
    connections = RunBoundConnections(own_redis.url)
    yield connections
    await connections.aclose()


async def test_a_connection_is_made_to_the_named_incarnation_and_to_no_other(
    client: Redis, connections: RunBoundConnections
) -> None:
    right = connections.to(incarnation(await client.info()))
    assert await right.call(("PING",), deadline_s=5.0) == b"PONG"
    with pytest.raises(RedisConnectionError, match="another run"):
        await connections.to("another").call(("PING",), deadline_s=5.0)


async def test_a_server_that_took_anothers_data_is_another_incarnation(
    client: Redis, other_redis: ServiceRedis
) -> None:
    before = incarnation(await client.info())
    await client.replicaof("127.0.0.1", other_redis.port)

    async def copied() -> bool:
        return bool((await client.info())["master_link_status"] == "up")

    await eventually(copied)
    with pytest.raises(NotPrimary):
        incarnation(await client.info())
    await client.replicaof("NO", "ONE")

    assert incarnation(await client.info()) != before


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
