"""Fixtures of the service's unit tests."""

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from service.accounts import Accounts
from service.adapters.database import DatabaseRepository
from service.adapters.limiters import MemoryRateLimiter
from service.attempts import Attempts
from service.security import Tokens
from tests.fakes import FakeTodos, FakeUsers, ManualClock, fast_hasher
from tests.unit.service.accounts_setup import (
    EMAIL,
    PASSWORD,
    REGISTER,
    RULE,
    SECRET,
    AccountsSetup,
    BusyPasswords,
)


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
async def setup(users: FakeUsers, todos: FakeTodos) -> AsyncIterator[AccountsSetup]:
    clock = ManualClock()
    passwords = BusyPasswords(fast_hasher(), workers=1)
    tokens = Tokens(SECRET, lifetime_s=60)
    limiter = MemoryRateLimiter(clock=clock)
    accounts = Accounts(
        users=users,
        todos=todos,
        repository=DatabaseRepository(users, todos),
        passwords=passwords,
        tokens=tokens,
        attempts=Attempts(limiter),
        login_rule=RULE,
        register_rule=REGISTER,
        key_secret=SECRET,
    )
    ada = await accounts.register(name="Ada", email=EMAIL, password=PASSWORD)
    yield AccountsSetup(users, todos, passwords, clock, tokens, limiter, accounts, ada)
    passwords.close()
