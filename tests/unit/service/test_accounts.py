"""Login, registration and changes of an account, over fakes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from service.accounts import Accounts
from service.domain import Account, AccountChange, Rule
from service.errors import (
    DatabaseUnavailable,
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    Overloaded,
    RateLimited,
    RevokedToken,
    WrongPassword,
)
from service.passwords import Passwords
from service.security import Session
from tests.fakes import new_todo
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


@pytest.fixture
async def setup() -> AsyncIterator[AccountsSetup]:
    setup = AccountsSetup()
    settings = make_settings(cache_enabled=False, rate_limit_login="3/minute")
    async with fake_backends(setup)(settings) as backends:
        setup.accounts = backends.accounts
        setup.accounts.passwords._run = setup.hashing  # type: ignore[method-assign]
        setup.ada = await setup.accounts.register(name="Ada", email=EMAIL, password=PASSWORD)
        yield setup


async def test_a_password_is_stored_as_a_hash_and_a_taken_email_costs_no_hash(
    setup: AccountsSetup,
) -> None:
    stored = setup.users.hashes[setup.ada.id]
    setup.busy = True
    with pytest.raises(EmailTaken):
        await setup.accounts.register(name="Eve", email=EMAIL, password=PASSWORD)

    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_failures_are_limited_per_account_for_a_window(setup: AccountsSetup) -> None:
    await setup.fail(3)
    setup.users.calls.clear()
    setup.busy = True
    with pytest.raises(RateLimited) as error:
        await setup.login()
    calls = dict(setup.users.calls)
    setup.busy = False
    await setup.fail(1, email="bob@example.com")
    setup.clock.advance(60)

    assert calls == {"find_credentials": 1}, "a refused attempt hashes nothing"
    assert error.value.decision.rule == RULE
    assert error.value.decision.free_in_s == 60
    assert await setup.lets_in()


async def test_of_many_right_logins_at_once_none_is_refused_and_of_many_guesses_most_are(
    setup: AccountsSetup,
) -> None:
    logins = await asyncio.gather(*(setup.login(address=f"address:{n}") for n in range(8)))
    guesses = await asyncio.gather(
        *(setup.login("wrong", address="elsewhere") for _ in range(8)), return_exceptions=True
    )

    assert [session.claims.user_id for session in logins] == [setup.ada.id] * 8
    assert sorted(type(each).__name__ for each in guesses) == (
        ["InvalidCredentials"] * 3 + ["RateLimited"] * 5
    )


async def test_strangers_who_guess_keep_out_strangers_and_nobody_from_a_known_address(
    setup: AccountsSetup,
) -> None:
    await setup.login(address="home")
    await setup.fail(3, address="elsewhere")
    for address in ("elsewhere", "a third place"):
        with pytest.raises(RateLimited):
            await setup.login(address=address)

    assert await setup.lets_in(address="home")
    # Who is there may not guess without a limit either.
    await setup.fail(3, address="home")
    with pytest.raises(RateLimited):
        await setup.login(address="home")


async def test_an_address_is_known_for_a_month_and_the_last_ten_are(setup: AccountsSetup) -> None:
    for number in range(11):
        await setup.login(address=f"address:{number}")
    known = setup.users.known[setup.ada.id]
    writes = setup.users.calls["remember"]
    await setup.login(address="address:10")

    assert len(known) == 10
    assert setup.users.calls["remember"] == writes == 11
    assert "address" not in "".join(known), "it is kept as a keyed digest"
    await setup.fail(3, address="elsewhere")
    with pytest.raises(RateLimited):
        await setup.login(address="address:0")


@pytest.mark.parametrize("failure", [Overloaded, DatabaseUnavailable])
async def test_what_the_service_cannot_do_is_not_the_callers_failure(
    setup: AccountsSetup, failure: type[Exception]
) -> None:
    setup.busy = failure is Overloaded
    setup.users.down = failure is DatabaseUnavailable
    for _ in range(5):
        with pytest.raises(failure):
            await setup.login()
    setup.busy = setup.users.down = False

    assert await setup.lets_in()


async def test_the_keys_of_the_limiter_do_not_tell_the_email(setup: AccountsSetup) -> None:
    await setup.fail(1)
    [(rule, key)] = setup.limiter._admitted

    assert rule == RULE.name
    assert key.startswith("account:")
    assert "ada" not in key


async def test_a_dated_hash_is_replaced_at_login(setup: AccountsSetup) -> None:
    dated = Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    setup.users.hashes[setup.ada.id] = dated
    session = await setup.login()

    assert setup.users.hashes[setup.ada.id] != dated
    assert await session.account() == setup.ada
    assert await setup.lets_in()


@pytest.mark.parametrize("better", [None, "better hash of the old password"])
async def test_a_login_and_its_rehash_lose_against_a_password_change(
    setup: AccountsSetup, monkeypatch: pytest.MonkeyPatch, better: str | None
) -> None:
    async def verify(*_: str, caller: str) -> tuple[bool, str | None]:
        assert caller
        # Stored after the login read the old password, before it has its token.
        await setup.users.update(setup.ada.id, AccountChange(password_hash="new", end_tokens=True))
        return True, better

    monkeypatch.setattr(setup.accounts.passwords, "verify", verify)
    session = await setup.login()

    assert setup.users.hashes[setup.ada.id] == "new"
    with pytest.raises(RevokedToken):
        await session.account()


async def test_deleting_an_account_removes_it_with_its_todos(setup: AccountsSetup) -> None:
    session = await setup.login()
    await session.create_todo(new_todo("Milk", ""))
    await setup.accounts.delete(session)

    assert setup.users.accounts == {}
    assert setup.todos.todos == {}
    with pytest.raises(InvalidToken):
        await session.account()


async def test_the_name_needs_no_password_and_the_email_must_be_free(setup: AccountsSetup) -> None:
    await setup.accounts.register(name="Bob", email="bob@example.com", password=PASSWORD)
    session = await setup.login()
    changed = await setup.change(session, name="Ada L.")
    with pytest.raises(EmailTaken):
        await setup.change(session, email="bob@example.com", current_password=PASSWORD)

    assert changed.name == "Ada L."
    assert await session.account() == changed


async def test_a_new_password_needs_the_present_one_and_guesses_are_limited_like_logins(
    setup: AccountsSetup,
) -> None:
    session = await setup.login()
    for current in ({}, {"current_password": "wrong"}, {"current_password": "guess"}):
        with pytest.raises(WrongPassword):
            await setup.change(session, name="Eve", password=NEW_PASSWORD, **current)
    assert await session.account() == setup.ada
    # Whoever has a token gets no guesses more, not even by another e-mail.
    await setup.users.update(setup.ada.id, AccountChange(email="countess@example.com"))
    with pytest.raises(RateLimited):
        await setup.change(session, password=NEW_PASSWORD, current_password=PASSWORD)


async def test_a_new_email_needs_the_present_password_and_the_same_one_does_not(
    setup: AccountsSetup,
) -> None:
    session = await setup.login()
    with pytest.raises(WrongPassword):
        await setup.change(session, email="countess@example.com")
    same = await setup.change(session, email=setup.ada.email)
    moved = await setup.change(session, email="countess@example.com", current_password=PASSWORD)

    assert (same.email, moved.email) == (setup.ada.email, "countess@example.com")
    assert await session.account() == moved, "its tokens go on"


async def test_somebody_who_is_signed_in_is_kept_out_by_no_stranger_who_guesses(
    setup: AccountsSetup,
) -> None:
    session = await setup.login(address="home")
    await setup.fail(3, address="elsewhere")

    changed = await setup.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert changed.id == setup.ada.id


async def test_which_addresses_are_taken_is_told_as_seldom_as_at_registration(
    setup: AccountsSetup,
) -> None:
    session = await setup.login()
    for number in range(3):
        await setup.change(session, email=f"a{number}@example.com", current_password=PASSWORD)
    with pytest.raises(RateLimited) as error:
        await setup.change(session, email="a4@example.com", current_password=PASSWORD)

    assert error.value.decision.rule.name == "register"


async def test_a_new_email_of_which_nothing_was_told_uses_up_no_attempt(
    setup: AccountsSetup,
) -> None:
    session = await setup.login()
    moving = {"email": "countess@example.com", "current_password": PASSWORD}
    setup.busy = True
    for _ in range(3):
        with pytest.raises(Overloaded):
            await setup.change(session, **moving)
    setup.busy = False
    for _ in range(2):
        with pytest.raises(WrongPassword):
            await setup.change(session, **moving | {"current_password": "wrong"})

    for _ in range(3):
        assert (await setup.change(session, **moving)).email == moving["email"]
        moving["email"] = f"a.{moving['email']}"


async def test_of_two_password_changes_at_once_the_second_loses(
    setup: AccountsSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await setup.login()
    hash_ = setup.accounts.passwords.hash

    async def hash_slowly(password: str, *, caller: str) -> str:
        await setup.users.update(setup.ada.id, AccountChange(password_hash="of the other"))
        return await hash_(password, caller=caller)

    monkeypatch.setattr(setup.accounts.passwords, "hash", hash_slowly)
    with pytest.raises(WrongPassword):
        await setup.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert setup.users.hashes[setup.ada.id] == "of the other"
