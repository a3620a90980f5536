"""Fixtures of the service's unit tests."""

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.fakes import FakeTodos, FakeUsers
from tests.unit.service.accounts_setup import AccountsSetup, accounts_over_fakes


@pytest.fixture(params=["UTC", "Asia/Karachi", "America/New_York"])
def time_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Move the machine to another time zone for one test."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def todos() -> FakeTodos:
    return FakeTodos()


@pytest.fixture
async def setup() -> AsyncIterator[AccountsSetup]:
    async with accounts_over_fakes() as setup:
        yield setup
