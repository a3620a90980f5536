import asyncio

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from service.domain import AccountChange
from service.errors import (
    DatabaseUnavailable,
    EmailTaken,
    Overloaded,
    RateLimited,
    RevokedToken,
)
from tests.unit.service.accounts_setup import EMAIL, PASSWORD, RULE, AccountsSetup


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
