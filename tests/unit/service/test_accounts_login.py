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
from tests.unit.service.desk import EMAIL, PASSWORD, RULE, Desk


async def test_a_password_is_stored_as_a_hash_and_a_taken_email_costs_no_hash(desk: Desk) -> None:
    stored = desk.users.hashes[desk.ada.id]
    desk.passwords.busy = True
    with pytest.raises(EmailTaken):
        await desk.accounts.register(name="Eve", email=EMAIL, password=PASSWORD)

    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_an_unknown_user_is_answered_like_a_wrong_password_after_the_same_work(
    desk: Desk,
) -> None:
    await desk.fail(1)
    before = desk.passwords.about_nobody
    await desk.fail(3, email="nobody@example.com")
    with pytest.raises(RateLimited):
        await desk.login("wrong", "nobody@example.com")

    assert (before, desk.passwords.about_nobody) == (0, 3)


async def test_failures_are_limited_per_account_for_a_window(desk: Desk) -> None:
    await desk.fail(3)
    desk.users.calls.clear()
    desk.passwords.busy = True
    with pytest.raises(RateLimited) as error:
        await desk.login()
    calls = dict(desk.users.calls)
    desk.passwords.busy = False
    await desk.fail(1, email="bob@example.com")
    desk.clock.advance(60)

    assert calls == {"find_credentials": 1}, "a refused attempt hashes nothing"
    assert error.value.decision.rule == RULE
    assert error.value.decision.retry_after_s == 60
    assert await desk.lets_in()


async def test_successes_do_not_count(desk: Desk) -> None:
    sessions = [await desk.login(address=f"address:{number}") for number in range(5)]
    await desk.fail(3, address="elsewhere")
    with pytest.raises(RateLimited):
        await desk.login(address="elsewhere")

    assert await sessions[0].account() == desk.ada


async def test_of_many_right_logins_at_once_none_is_refused_and_of_many_guesses_most_are(
    desk: Desk,
) -> None:
    logins = await asyncio.gather(*(desk.login(address=f"address:{n}") for n in range(8)))
    guesses = await asyncio.gather(
        *(desk.login("wrong", address="elsewhere") for _ in range(8)), return_exceptions=True
    )

    assert [session.claims.user_id for session in logins] == [desk.ada.id] * 8
    assert sorted(type(each).__name__ for each in guesses) == (
        ["InvalidCredentials"] * 3 + ["RateLimited"] * 5
    )


async def test_strangers_who_guess_keep_out_strangers_and_nobody_from_a_known_address(
    desk: Desk,
) -> None:
    await desk.login(address="home")
    await desk.fail(3, address="elsewhere")
    for address in ("elsewhere", "a third place"):
        with pytest.raises(RateLimited):
            await desk.login(address=address)

    assert await desk.lets_in(address="home")
    # Who is there may not guess without a limit either.
    await desk.fail(3, address="home")
    with pytest.raises(RateLimited):
        await desk.login(address="home")


async def test_an_address_is_known_for_a_month_and_the_last_ten_are(desk: Desk) -> None:
    for number in range(11):
        await desk.login(address=f"address:{number}")
    known = desk.users.known[desk.ada.id]
    writes = desk.users.calls["remember"]
    await desk.login(address="address:10")

    assert len(known) == 10
    assert desk.users.calls["remember"] == writes == 11
    assert "address" not in "".join(known), "it is kept as a keyed digest"
    await desk.fail(3, address="elsewhere")
    with pytest.raises(RateLimited):
        await desk.login(address="address:0")


@pytest.mark.parametrize("failure", [Overloaded, DatabaseUnavailable])
async def test_what_the_service_cannot_do_is_not_the_callers_failure(
    desk: Desk, failure: type[Exception]
) -> None:
    desk.passwords.busy = failure is Overloaded
    desk.users.down = failure is DatabaseUnavailable
    for _ in range(5):
        with pytest.raises(failure):
            await desk.login()
    desk.passwords.busy = desk.users.down = False

    assert await desk.lets_in()


async def test_the_keys_of_the_limiter_do_not_tell_the_email(desk: Desk) -> None:
    await desk.fail(1)
    [(rule, key)] = desk.limiter._admitted

    assert rule == RULE.name
    assert key.startswith("account:")
    assert "ada" not in key


async def test_a_dated_hash_is_replaced_at_login(desk: Desk) -> None:
    dated = Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    desk.users.hashes[desk.ada.id] = dated
    session = await desk.login()

    assert desk.users.hashes[desk.ada.id] != dated
    assert await session.account() == desk.ada
    assert await desk.lets_in()


@pytest.mark.parametrize("better", [None, "better hash of the old password"])
async def test_a_login_and_its_rehash_lose_against_a_password_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, better: str | None
) -> None:
    async def verify(*_: str, caller: str) -> tuple[bool, str | None]:
        assert caller
        # Stored after the login read the old password, before it has its token.
        await desk.users.update(desk.ada.id, AccountChange(password_hash="new", end_tokens=True))
        return True, better

    monkeypatch.setattr(desk.passwords, "verify", verify)
    session = await desk.login()

    assert desk.users.hashes[desk.ada.id] == "new"
    with pytest.raises(RevokedToken):
        await session.account()
