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

    assert calls == {}, "a refused attempt reads no database and hashes nothing"
    assert error.value.decision.rule == RULE
    assert error.value.decision.retry_after_s == 60
    assert await desk.lets_in()


async def test_successes_do_not_count(desk: Desk) -> None:
    sessions = [await desk.login() for _ in range(5)]
    await desk.fail(3)
    with pytest.raises(RateLimited):
        await desk.login()

    assert await sessions[0].account() == desk.ada


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
    async def verify(*_: str) -> tuple[bool, str | None]:
        # Stored after the login read the old password, before it has its token.
        await desk.users.update(desk.ada.id, AccountChange(password_hash="new", end_tokens=True))
        return True, better

    monkeypatch.setattr(desk.passwords, "verify", verify)
    session = await desk.login()

    assert desk.users.hashes[desk.ada.id] == "new"
    with pytest.raises(RevokedToken):
        await session.account()
