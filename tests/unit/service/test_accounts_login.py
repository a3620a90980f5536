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


async def test_a_password_is_stored_as_a_hash_only(desk: Desk) -> None:
    stored = desk.users.hashes[desk.ada.id]

    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


async def test_a_taken_email_cannot_be_registered_and_costs_no_hash(desk: Desk) -> None:
    desk.passwords.busy = True
    with pytest.raises(EmailTaken):
        await desk.accounts.register(name="Eve", email=EMAIL, password=PASSWORD)


async def test_login_gives_a_token_of_the_account(desk: Desk) -> None:
    session = await desk.login()

    assert await session.account() == desk.ada


async def test_an_unknown_user_is_answered_like_a_wrong_password_after_the_same_work(
    desk: Desk,
) -> None:
    await desk.fail(1)
    before = desk.passwords.about_nobody
    await desk.fail(1, email="nobody@example.com")

    assert (before, desk.passwords.about_nobody) == (0, 1)


async def test_failures_are_limited_per_account(desk: Desk) -> None:
    await desk.fail(3)
    with pytest.raises(RateLimited) as error:
        await desk.login()

    assert error.value.decision.rule == RULE
    assert error.value.decision.retry_after_s == 60
    await desk.fail(1, email="bob@example.com")


async def test_an_unknown_account_is_limited_like_a_known_one(desk: Desk) -> None:
    await desk.fail(3, email="nobody@example.com")
    with pytest.raises(RateLimited):
        await desk.login("wrong", "nobody@example.com")


async def test_a_refused_attempt_reads_no_database_and_hashes_nothing(desk: Desk) -> None:
    await desk.fail(3)
    desk.users.calls.clear()
    desk.passwords.busy = True
    with pytest.raises(RateLimited):
        await desk.login()

    assert desk.users.calls == {}


async def test_the_limit_ends_with_its_window(desk: Desk) -> None:
    await desk.fail(3)
    desk.clock.advance(60)

    assert await desk.lets_in()


async def test_successes_do_not_count(desk: Desk) -> None:
    for _ in range(5):
        await desk.login()
    await desk.fail(3)

    with pytest.raises(RateLimited):
        await desk.login()


async def test_an_overload_is_not_the_callers_failure(desk: Desk) -> None:
    desk.passwords.busy = True
    for _ in range(5):
        with pytest.raises(Overloaded):
            await desk.login()
    desk.passwords.busy = False

    assert await desk.lets_in()


async def test_an_outage_is_not_the_callers_failure(desk: Desk) -> None:
    desk.users.down = True
    for _ in range(5):
        with pytest.raises(DatabaseUnavailable):
            await desk.login()
    desk.users.down = False

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


async def test_a_login_with_the_old_password_loses_against_its_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new password is stored after the login read the old one, before it has its token."""
    verify = desk.passwords.verify

    async def verify_slowly(password: str, stored: str) -> tuple[bool, str | None]:
        answer = await verify(password, stored)
        await desk.users.update(desk.ada.id, AccountChange(password_hash="new", end_tokens=True))
        return answer

    monkeypatch.setattr(desk.passwords, "verify", verify_slowly)
    session = await desk.login()

    with pytest.raises(RevokedToken):
        await session.account()


async def test_a_rehash_never_undoes_a_password_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def verify(*_: str) -> tuple[bool, str | None]:
        await desk.users.update(desk.ada.id, AccountChange(password_hash="new", end_tokens=True))
        return True, "better hash of the old password"

    monkeypatch.setattr(desk.passwords, "verify", verify)
    session = await desk.login()

    assert desk.users.hashes[desk.ada.id] == "new"
    with pytest.raises(RevokedToken):
        await session.account()
