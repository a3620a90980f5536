"""The service over fakes, for the tests of its API."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import World, serve, sign_in


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client that has not signed in."""
    async with serve(world) as client:
        yield client


@pytest.fixture
async def ada(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Return a client that has."""
    await sign_in(client)
    return client
