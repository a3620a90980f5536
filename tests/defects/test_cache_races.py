"""Section A: the races and outages that leave an old value in the cache.

Each row is played twice. The service must be right; the same pattern without fence and tokens
(the naive rival) must be caught wrong, or the row proves nothing.
"""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from benchmarks.stack.server import redis_client
from tests.defects.conftest import StartRedis, cached_only
from tests.defects.in_process import NEVER_S, ServiceInProcess, Start, UserInProcess
from tests.defects.races import Gate, gated

pytestmark = cached_only
either = pytest.mark.parametrize("layer", ["cached", "naive"])
AFTER = {"cached": ["new"], "naive": ["old"]}
SOON: dict[str, Any] = {"cache_lease_seconds": 1.0}
"""A write that finds no Redis waits for leases to end; how soon Redis answers is not our matter."""


@pytest.fixture
def shared_redis_url(servers: Stack) -> str:
    assert servers.redis is not None
    return servers.redis.url


@either
async def test_A2_a_read_that_began_before_a_write_does_not_store_what_was_before(
    layer: str, start: Start
) -> None:
    gate = Gate()
    service = await start(gated(layer, read=gate))
    ann = await service.sign_up("ann")
    todo = await ann.write("old")
    gate.close()
    early = asyncio.ensure_future(ann.headings())
    await gate.arrived.wait()

    await rename(ann, todo)
    gate.open()
    await early
    # Whatever it had yet to fill, it has filled when it has ended.
    await service.exits.aclose()
    another = await start(gated(layer))
    again = await another.signed_in(ann.id, "ann", ann.token)

    assert await again.headings() == AFTER[layer]


@either
async def test_A3_a_deletion_that_never_reached_redis_leaves_no_old_value(
    layer: str, start: Start, shared_redis_url: str, tmp_path: Path
) -> None:
    with start_proxy(shared_redis_url, log=tmp_path / "proxy.log") as proxy:
        service = await start(gated(layer), redis_url=proxy.url, **SOON)
        ann = await service.sign_up("ann")
        todo = await ann.write("old")
        await ann.read_until_hit()

        proxy.switch(RelayMode.RESET)
        await rename(ann, todo)
        proxy.switch(RelayMode.NORMAL)
        headings = await read_when_redis_answers(service, ann)

    assert headings == AFTER[layer]


@either
async def test_A4_a_process_that_dies_after_its_commit_leaves_no_old_value(
    layer: str, start: Start
) -> None:
    gate = Gate()
    dying, living = await start(gated(layer, committed=gate)), await start(gated(layer))
    ann = await dying.sign_up("ann")
    todo = await ann.write("old")
    elsewhere = await living.signed_in(ann.id, "ann", ann.token)
    await elsewhere.read_until_hit()
    gate.close()
    writing = asyncio.ensure_future(rename(ann, todo))
    await gate.arrived.wait()

    headings = await elsewhere.headings()
    gate.open()
    await writing

    assert headings == AFTER[layer]


@either
async def test_A5_what_was_deleted_does_not_come_back_with_an_old_dump(
    layer: str, start: Start, redis_server: StartRedis
) -> None:
    server = redis_server()
    service = await start(gated(layer), redis_url=server.url, **SOON)
    ann = await service.sign_up("ann")
    todo = await ann.write("old")
    await ann.read_until_hit()

    with redis_client(server.url) as client:
        client.save()
    await rename(ann, todo)
    server.discard()
    redis_server(port=urlsplit(server.url).port)
    headings = await read_when_redis_answers(service, ann)

    assert headings == AFTER[layer]


async def rename(user: UserInProcess, todo_id: str) -> None:
    answer = await user.http.put(f"/todo/{todo_id}", json={"heading": "new"})
    assert answer.status_code == 200, answer.text


async def read_when_redis_answers(service: ServiceInProcess, user: UserInProcess) -> list[str]:
    """Read until the list comes from the cache or Redis has answered for it."""
    async with asyncio.timeout(NEVER_S):
        while True:
            ready = (await service.http.get("/readyz")).json()["dependencies"]["redis"] == "ok"
            answer = await user.http.get("/todo/")
            # The breaker leaves a server that came back alone for a second.
            if ready and "unavailable" not in answer.headers["cache-status"]:
                return [todo["heading"] for todo in answer.json()]
            await asyncio.sleep(0.02)
