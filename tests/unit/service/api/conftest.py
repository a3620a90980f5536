"""The service over fakes, for the tests of its API."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.fakes_service import ServiceFakes, serve, sign_in


@pytest.fixture
def fakes() -> ServiceFakes:
    return ServiceFakes()


@pytest.fixture
async def client(fakes: ServiceFakes) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client that has not signed in."""
    async with serve(fakes) as client:
        yield client


@pytest.fixture
async def ada(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Return a client that has."""
    await sign_in(client)
    return client


@pytest.fixture(params=[True, False], ids=["cached", "uncached"])
async def either(
    fakes: ServiceFakes, request: pytest.FixtureRequest
) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of each variant that has signed in."""
    async with serve(fakes, cache_enabled=request.param, rate_limit_enabled=False) as client:
        await sign_in(client)
        yield client
