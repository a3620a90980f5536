"""Both variants, composed as in production on real servers, and what befalls them."""

import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from benchmarks.stack.embedded import Stack, start_mongo
from service.config import Settings
from service.errors import DatabaseUnavailable, NoCacheConfigured
from service.outcomes import HIT
from service.trace import begin
from tests.integration.service.conftest import TODOS, OwnRedis, running

pytestmark = pytest.mark.servers
Make = Callable[..., Settings]
PATIENT = {"redis_deadline_seconds": 10.0, "cache_lease_seconds": 10.0}
"""Where nothing fails, a busy machine is not to be taken for a failure."""
OFF = "fwd=bypass; detail=off"
FENCED = "fwd=bypass; detail=fenced"


@pytest.fixture
def shared(settings: Make, servers: Stack) -> Make:
    """Return settings over the Redis that all tests share."""
    assert servers.redis is not None
    url = servers.redis.url
    return lambda **values: settings(**{"redis_url": url, **values})


async def test_a_write_is_seen_at_once_by_every_process(shared: Make) -> None:
    async with running(shared(**PATIENT)) as one, running(shared(**PATIENT)) as other:
        ada = await one.register()
        await one.body(ada)
        assert one.said == "fwd=miss; detail=invalidated"
        todo = await one.add(ada, "0")
        for number in range(1, 4):
            await other.says(ada, HIT)
            todo = await one.rename(ada, todo, f"number {number}")
            body = await other.body(ada)

            assert f"number {number}" in body
            assert "detail=invalidated" in other.said


async def test_the_flag_counts_for_the_whole_deployment(shared: Make) -> None:
    async with running(shared()) as one, running(shared()) as other:
        ada = await one.register()
        await other.says(ada, HIT)
        status = await one.backends.cache_control.switch(enabled=False)
        await other.body(ada)
        said = other.said
        await one.add(ada, "Bread")
        await one.backends.cache_control.switch(enabled=True)

        assert status.state == "off"
        assert said == OFF
        assert "Bread" in await other.body(ada)
        await other.says(ada, HIT)


async def test_without_redis_reads_answer_and_the_cache_comes_back(
    settings: Make, own_redis: OwnRedis
) -> None:
    async with running(settings(redis_url=own_redis.url)) as service:
        ada = await service.register()
        await service.says(ada, HIT)
        own_redis.kill()
        during = await service.body(ada)
        started = time.monotonic()
        await service.add(ada, "Bread")
        first_s = time.monotonic() - started
        await service.add(ada, "Butter")
        without = await service.body(ada)
        # Not once more by the later write.
        fences = (await service.backends.cache_control.status()).fences
        own_redis.start()
        await service.gets("on")
        await service.says(ada, HIT)

        assert "Milk" in during
        assert "Butter" in without
        assert first_s >= 0.6
        assert fences == {"unconfirmed": 1}
        assert "Butter" in await service.body(ada)


async def test_a_redis_that_was_restarted_unnoticed_is_fenced_and_taken_anew(
    settings: Make, own_redis: OwnRedis
) -> None:
    async with running(settings(redis_url=own_redis.url)) as service:
        ada = await service.register()
        await service.says(ada, HIT)
        epoch = (await service.backends.cache_control.status()).epoch
        own_redis.kill()
        own_redis.start()
        await service.add(ada, "Bread")

        assert "Bread" in await service.body(ada)
        await service.gets("on")
        await service.says(ada, HIT)
        assert (await service.backends.cache_control.status()).epoch > epoch


async def test_a_redis_that_hangs_costs_one_write_a_moment_and_no_read(
    settings: Make, own_redis: OwnRedis
) -> None:
    async with running(settings(redis_url=own_redis.url)) as service:
        ada = await service.register()
        await service.says(ada, HIT)
        own_redis.pause()
        await service.add(ada, "Bread")

        assert "Bread" in await service.body(ada)
        assert await service.state() == "fenced"


async def test_a_process_without_redis_makes_the_whole_fleet_uncached(shared: Make) -> None:
    async with running(shared()) as cached:
        ada = await cached.register()
        await cached.says(ada, HIT)
        async with running(shared(cache_enabled=False)) as uncached:
            todo = await uncached.add(ada, "Bread")
            after_write = await cached.body(ada)
            for number in range(5):
                todo = await uncached.rename(ada, todo, f"number {number}")

                assert f"number {number}" in await cached.body(ada)
                assert cached.said == FENCED
            with pytest.raises(NoCacheConfigured):
                await uncached.backends.cache_control.switch(enabled=True)
            state = await uncached.state()
        await cached.gets("on")
        await cached.says(ada, HIT)

        assert "Bread" in after_write
        assert state == "absent"
        assert "number 4" in await cached.body(ada)


async def test_a_redis_that_is_absent_at_the_start_is_used_when_it_comes(
    settings: Make, own_redis: OwnRedis
) -> None:
    own_redis.kill()
    async with running(settings(redis_url=own_redis.url)) as service:
        ada = await service.register()
        body = await service.body(ada)
        state = await service.state()
        own_redis.start()
        await service.gets("on")
        await service.says(ada, HIT)

        assert "Milk" in body
        assert state == "fenced"


async def test_a_managed_redis_that_does_not_say_who_it_is_is_not_used_and_the_log_says_why(
    settings: Make, own_redis: OwnRedis
) -> None:
    own_redis.kill()
    own_redis.start("--rename-command", "INFO", "", "--rename-command", "CONFIG", "")
    with capture_logs() as lines:
        async with running(settings(redis_url=own_redis.url)) as service:
            ada = await service.register()
            body = await service.body(ada)
            said = service.said

    assert "Milk" in body
    assert said == FENCED
    [line] = [line for line in lines if line["event"] == "redis cannot be used; starting uncached"]
    assert "INFO" in line["why"]


@pytest.mark.parametrize("cache_enabled", [True, False])
async def test_without_a_database_it_starts_and_says_so(
    shared: Make,
    tmp_path: Path,
    cache_enabled: bool,  # noqa: FBT001
) -> None:
    path = quote(str(tmp_path / "nobody.sock"), safe="")
    gone = shared(
        mongodb_url=f"mongodb://{path}/",
        database_deadline_seconds=0.2,
        cache_enabled=cache_enabled,
    )
    async with running(gone) as service:
        begin()
        with pytest.raises(DatabaseUnavailable):
            await service.backends.repository.read("a" * 24, TODOS)  # type: ignore[arg-type]
        with pytest.raises(DatabaseUnavailable):
            await service.backends.cache_control.status()


# PyMongo leaves a socket open when it gives up an attempt to connect half-way.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_a_database_that_is_absent_at_the_start_is_used_when_it_comes(
    shared: Make, tmp_path: Path, closed_port: int
) -> None:
    url = f"mongodb://127.0.0.1:{closed_port}/?directConnection=true"
    settings = shared(mongodb_url=url)
    async with running(settings) as service:
        mongo = await asyncio.to_thread(start_mongo, tmp_path, port=closed_port)
        try:
            await service.gets("on")
            ada = await service.register()
            await service.says(ada, HIT)

            assert "Milk" in await service.body(ada)
        finally:
            mongo.discard()
    gc.collect()
