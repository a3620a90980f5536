"""The accounts with everything they work with, for the tests of login and of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from service.accounts import Accounts
from service.adapters.database import DatabaseRepository
from service.adapters.limiters import MemoryRateLimiter
from service.domain import Account, Rule
from service.errors import InvalidCredentials, Overloaded
from service.passwords import Passwords
from service.security import Session, Tokens
from tests.fakes import FakeTodos, FakeUsers, ManualClock

T = TypeVar("T")
SECRET = "a secret of the tests, longer than 32 bytes"
EMAIL, PASSWORD, NEW_PASSWORD = "ada@example.com", "correct horse", "battery staple"
RULE, REGISTER = Rule("login", 3, 60), Rule("register", 3, 3600)
NOTHING = {"name": None, "email": None, "password": None, "current_password": None}


class BusyPasswords(Passwords):
    """A pool that refuses while ``busy`` is set."""

    busy = False

    async def _run(self, work: Callable[[], T], caller: str) -> T:
        if self.busy:
            raise Overloaded
        return await super()._run(work, caller)


@dataclass
class AccountsSetup:
    """The accounts and what they work with; ``ada`` is registered."""

    users: FakeUsers
    todos: FakeTodos
    passwords: BusyPasswords
    clock: ManualClock
    tokens: Tokens
    limiter: MemoryRateLimiter
    accounts: Accounts
    ada: Account

    async def login(
        self, password: str = PASSWORD, email: str = EMAIL, address: str = "address:1"
    ) -> Session:
        token = await self.accounts.login(email=email, password=password, address=address)
        repository = DatabaseRepository(self.users, self.todos)
        return Session(self.tokens.verify(token), repository, self.todos)

    async def lets_in(self, password: str = PASSWORD, address: str = "address:1") -> bool:
        """Log in and use the token."""
        return (await (await self.login(password, address=address)).account()).id == self.ada.id

    async def fail(self, times: int, email: str = EMAIL, address: str = "address:1") -> None:
        for _ in range(times):
            with pytest.raises(InvalidCredentials):
                await self.login("wrong", email, address)

    async def change(self, session: Session, **changes: str) -> Account:
        return await self.accounts.change(session, **(NOTHING | changes))
