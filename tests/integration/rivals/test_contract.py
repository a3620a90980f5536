"""The rivals keep the contract of every ``Repository``."""

from collections.abc import AsyncIterator

import pytest

from benchmarks.stack.embedded import Stack
from service.adapters.database import DatabaseRepository
from service.ports import Repository
from tests.contract.test_repository import *  # noqa: F403 - the tests and what they ask for
from tests.fakes import FakeTodos, FakeUsers
from tests.integration.rivals.conftest import LAYERINGS, LIBRARIES, open_layer

pytestmark = LIBRARIES


@pytest.fixture(params=LAYERINGS)  # type: ignore[no-redef]
async def repository(
    request: pytest.FixtureRequest,
    servers: Stack,
    database_name: str,
    users: FakeUsers,
    todos: FakeTodos,
) -> AsyncIterator[Repository]:
    assert servers.redis
    plain = DatabaseRepository(users, todos)
    async with open_layer(request.param, servers.redis.url, database_name, plain) as layer:
        yield layer.repository
