"""Fixtures of the service's unit tests."""

import time
from collections.abc import Iterator

import pytest

from tests.fakes import FakeTodos, FakeUsers


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
