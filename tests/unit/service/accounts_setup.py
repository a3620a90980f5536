"""The accounts of a service over fakes, for the tests of login and of changes."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.accounts import Accounts
from service.domain import Account, Rule
from service.errors import InvalidCredentials, Overloaded
from service.passwords import Passwords
from service.security import Session
from tests.fakes_service import ServiceFakes, fake_backends, make_settings

EMAIL, PASSWORD, NEW_PASSWORD = "ada@example.com", "correct horse", "battery staple"
RULE = Rule("login", 3, 60)
NOTHING = {"name": None, "email": None, "password": None, "current_password": None}


class AccountsSetup(ServiceFakes):
    """Fakes and the accounts over them, whose hashing refuses while ``busy``; ``ada`` is one."""

    accounts: Accounts
    ada: Account
    busy = False

    async def hashing(self, work: Callable[[], Any], caller: str) -> Any:
        if self.busy:
            raise Overloaded
        return await Passwords._run(self.accounts.passwords, work, caller)

    async def login(
        self, password: str = PASSWORD, email: str = EMAIL, address: str = "address:1"
    ) -> Session:
        token = await self.accounts.login(email=email, password=password, address=address)
        claims = self.accounts.tokens.verify(token)
        return Session(claims, self.accounts.repository, self.todos)

    async def lets_in(self, password: str = PASSWORD, address: str = "address:1") -> bool:
        """Log in and use the token."""
        return (await (await self.login(password, address=address)).account()).id == self.ada.id

    async def fail(self, times: int, email: str = EMAIL, address: str = "address:1") -> None:
        for _ in range(times):
            with pytest.raises(InvalidCredentials):
                await self.login("wrong", email, address)

    async def change(self, session: Session, **changes: str) -> Account:
        return await self.accounts.change(session, **(NOTHING | changes))


@asynccontextmanager
async def accounts_over_fakes() -> AsyncIterator[AccountsSetup]:
    setup = AccountsSetup()
    settings = make_settings(cache_enabled=False, rate_limit_login="3/minute")
    async with fake_backends(setup)(settings) as backends:
        setup.accounts = backends.accounts
        setup.accounts.passwords._run = setup.hashing  # type: ignore[method-assign]
        setup.ada = await setup.accounts.register(name="Ada", email=EMAIL, password=PASSWORD)
        yield setup
