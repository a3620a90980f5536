"""Both variants, composed as in production on real servers, and what befalls them."""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from service.config import Settings
from service.errors import DatabaseUnavailable
from service.outcomes import HIT
from service.trace import begin
from tests.integration.service.conftest import TODOS, ServiceRedis, running

pytestmark = pytest.mark.servers
Make = Callable[..., Settings]
FENCED = "fwd=bypass; detail=fenced"


async def test_without_redis_reads_answer_and_the_cache_comes_back(
    settings: Make, own_redis: ServiceRedis
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


async def test_a_managed_redis_that_does_not_say_who_it_is_is_not_used_and_the_log_says_why(
    settings: Make, own_redis: ServiceRedis
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
