"""Sections B and D: what the service does when a dependency is slow, silent or gone."""

import asyncio
import gc
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.proxy import start_proxy
from benchmarks.stack.relay import RelayMode
from service.adapters.redis import client
from tests.defects.conftest import Configured, StartRedis, cached_only
from tests.defects.in_process import (
    NEVER_S,
    PASSWORD,
    Start,
    eventually,
    start_service,
)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """Listen on a port where connections open and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as listener:
        yield int(listener.getsockname()[1])


async def test_D6_a_silent_database_is_given_up_soon_and_named(
    configured: Configured, servers: Stack, tmp_path: Path
) -> None:
    async with AsyncExitStack() as exits:
        mongo = exits.enter_context(start_proxy(servers.mongo.url, log=tmp_path / "proxy.log"))
        patient = await start_service(exits, configured())
        here = await patient.sign_up("ann")
        service = await start_service(
            exits, configured(mongodb_url=mongo.url, database_deadline_seconds=1)
        )
        ann = await service.signed_in(here.id, "ann", here.token)
        somebody = {"name": "Bob", "email": "bob@example.org", "password": PASSWORD}

        mongo.switch(RelayMode.DROP_REPLIES)
        async with asyncio.timeout(NEVER_S):
            answers = await asyncio.gather(
                ann.http.get("/todo/"),
                ann.http.get("/auth/me"),
                ann.http.post("/todo/", json={"heading": "one", "task": ""}),
                service.try_log_in("ann", "a guess"),
                service.http.post("/auth/register", json=somebody),
                service.http.get("/healthz"),
            )

    assert [answer.status_code for answer in answers] == [503] * 5 + [200]
    assert {answer.headers["retry-after"] for answer in answers[:5]} == {"1"}


async def test_D6_a_silent_redis_is_given_up_soon(
    start: Start, black_hole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CONNECT_DEADLINE_S", 0.1)
    async with asyncio.timeout(NEVER_S):
        service = await start(
            redis_url=f"redis://127.0.0.1:{black_hole}/0",
            redis_deadline_seconds=0.05,
            cache_lease_seconds=1.0,
            rate_limit_enabled=True,
        )
        ann = await service.sign_up("ann")
        await ann.write("one")
        headings = await ann.headings()

    assert headings == ["one"]


async def test_B14_a_stopped_redis_holds_nobody_up(start: Start, redis_server: StartRedis) -> None:
    redis = redis_server()
    service = await start(redis_url=redis.url, redis_deadline_seconds=0.05)
    ann = await service.sign_up("ann")
    await ann.write("one")
    await ann.headings()
    assert redis.process is not None

    redis.process.pause()
    async with asyncio.timeout(NEVER_S):
        lists, health = await asyncio.gather(
            asyncio.gather(*(ann.headings() for _ in range(20))), service.http.get("/healthz")
        )

    assert lists == [["one"]] * 20
    assert health.status_code == 200


# PyMongo leaves the socket of a cancelled connect to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@cached_only
async def test_D7_the_service_stops_while_it_waits_for_the_database(
    configured: Configured, servers: Stack, finds: Callable[[], Counter[str]], tmp_path: Path
) -> None:
    with start_proxy(servers.mongo.url, log=tmp_path / "proxy.log") as mongo:
        mongo.switch(RelayMode.DELAY, delay_ms=25.0)
        exits = AsyncExitStack()
        await start_service(exits, configured(mongodb_url=mongo.url, cache_lease_seconds=1.0))
        # It looks at the state of the cache again and again.
        before = finds().total()
        await eventually(lambda: finds().total() > before)

        async with asyncio.timeout(NEVER_S):
            await exits.aclose()
    gc.collect()
