"""The tier in a process, composed as in production on real servers."""

from collections.abc import AsyncIterator, Callable

import pytest

from benchmarks.stack.embedded import Stack
from service.adapters.mongo.client import connect
from service.adapters.mongo.fence import MongoFenceStore
from service.config import Settings
from service.trace import HIT, HIT_LOCAL
from tests.integration.service.conftest import eventually, running

pytestmark = pytest.mark.servers
Make = Callable[..., Settings]
LOCAL_S = 0.1


@pytest.fixture
def shared(settings: Make, servers: Stack) -> Make:
    """Return settings over the Redis that all tests share."""
    assert servers.redis is not None
    url = servers.redis.url
    return lambda **values: settings(**{"redis_url": url, **values})


@pytest.fixture
def copying(shared: Make) -> Settings:
    """Return the settings of a process that copies."""
    return shared(cache_local=True, cache_local_seconds=LOCAL_S)


@pytest.fixture
async def store(servers: Stack, database_name: str) -> AsyncIterator[MongoFenceStore]:
    """Return the fence of this test's deployment."""
    async with connect(servers.mongo.url, deadline_s=10.0) as client:
        yield MongoFenceStore(client[database_name])


async def test_a_write_of_a_process_that_does_not_copy_is_seen_by_one_that_does(
    shared: Make, copying: Settings
) -> None:
    async with running(shared()) as one, running(copying) as other:
        ada = await one.register()
        todo = await one.add(ada, "0")
        for number in range(1, 6):
            await other.says(ada, HIT_LOCAL)
            todo = await one.rename(ada, todo, f"number {number}")
            body = await other.body(ada)

            assert f"number {number}" in body
            assert other.said != HIT_LOCAL


async def test_turned_off_everywhere_the_operators_drop_ends_the_waiting(
    shared: Make, copying: Settings, store: MongoFenceStore
) -> None:
    async def waited_for_s() -> float:
        fence = await store.read()
        assert fence is not None
        return fence.local_s

    async with running(copying) as service:
        ada = await service.register()
        await service.says(ada, HIT_LOCAL)
        while_copying = await waited_for_s()
    async with running(shared()) as service:
        afterwards = await waited_for_s()
        await service.backends.cache_control.drop()
        await service.says(ada, HIT)

        assert (while_copying, afterwards) == (LOCAL_S, LOCAL_S)
        assert await waited_for_s() == 0.0


async def test_a_drop_is_followed_by_copies_again_while_a_process_wants_them(
    copying: Settings,
) -> None:
    async with running(copying) as service:
        ada = await service.register()
        await service.says(ada, HIT_LOCAL)
        await service.backends.cache_control.drop()

        async def not_copied() -> bool:
            await service.body(ada)
            return service.said != HIT_LOCAL

        await eventually(not_copied)
        await service.says(ada, HIT_LOCAL)
