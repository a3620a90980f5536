import pytest

from service.adapters.database import DatabaseRepository
from service.domain import AccountChange, UserId
from service.errors import (
    EmailTaken,
    InvalidToken,
    RateLimited,
    RevokedToken,
    WrongPassword,
)
from service.sessions import Session
from tests.fakes import new_todo
from tests.unit.service.desk import NEW_PASSWORD, PASSWORD, Desk


async def test_logout_ends_one_token_and_logout_everywhere_all_so_far(desk: Desk) -> None:
    first, second, third = [await desk.login() for _ in range(3)]
    await desk.accounts.logout(first)
    still_counts = await second.account()
    await desk.accounts.logout_everywhere(second)
    for ended in (first, second, third):
        with pytest.raises(RevokedToken):
            await ended.account()

    assert still_counts.id == desk.ada.id
    assert await desk.lets_in()


async def test_deleting_an_account_removes_it_with_its_todos(desk: Desk) -> None:
    session = await desk.login()
    await session.create_todo(new_todo("Milk", ""))
    await desk.accounts.delete(session)

    assert desk.users.accounts == {}
    assert desk.todos.todos == {}
    with pytest.raises(InvalidToken):
        await session.account()


async def test_a_token_of_somebody_who_never_was_is_invalid(desk: Desk) -> None:
    token = desk.tokens.issue(UserId("0" * 24), generation=0)
    session = Session(
        desk.tokens.verify(token), DatabaseRepository(desk.users, desk.todos), desk.todos
    )

    with pytest.raises(InvalidToken):
        await desk.accounts.logout(session)


async def test_the_name_needs_no_password_and_the_email_must_be_free(desk: Desk) -> None:
    await desk.accounts.register(name="Bob", email="bob@example.com", password=PASSWORD)
    session = await desk.login()
    changed = await desk.change(session, name="Ada L.")
    with pytest.raises(EmailTaken):
        await desk.change(session, email="bob@example.com", current_password=PASSWORD)

    assert changed.name == "Ada L."
    assert await session.account() == changed


async def test_a_new_password_replaces_the_old_one_and_ends_every_token(desk: Desk) -> None:
    session = await desk.login()
    await desk.change(session, password=NEW_PASSWORD, current_password=PASSWORD)
    with pytest.raises(RevokedToken):
        await session.account()
    await desk.fail(1)

    assert await desk.lets_in(NEW_PASSWORD)


async def test_a_new_password_needs_the_present_one_and_guesses_are_limited_like_logins(
    desk: Desk,
) -> None:
    session = await desk.login()
    for current in ({}, {"current_password": "wrong"}, {"current_password": "guess"}):
        with pytest.raises(WrongPassword):
            await desk.change(session, name="Eve", password=NEW_PASSWORD, **current)
    with pytest.raises(RateLimited):
        await desk.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert await session.account() == desk.ada


async def test_a_new_email_needs_the_present_password_and_the_same_one_does_not(
    desk: Desk,
) -> None:
    session = await desk.login()
    with pytest.raises(WrongPassword):
        await desk.change(session, email="countess@example.com")
    same = await desk.change(session, email=desk.ada.email)
    moved = await desk.change(session, email="countess@example.com", current_password=PASSWORD)

    assert (same.email, moved.email) == (desk.ada.email, "countess@example.com")
    assert await session.account() == moved, "its tokens go on"


async def test_whoever_has_a_token_cannot_guess_more_by_changing_the_email(desk: Desk) -> None:
    session = await desk.login()
    for number in range(3):
        with pytest.raises(WrongPassword):
            await desk.change(session, password=NEW_PASSWORD, current_password=f"guess {number}")
    # As somebody who knew the password could, or who changed it in the database.
    await desk.users.update(desk.ada.id, AccountChange(email="countess@example.com"))
    with pytest.raises(RateLimited):
        await desk.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert (await session.account()).id == desk.ada.id


async def test_somebody_who_is_signed_in_is_kept_out_by_no_stranger_who_guesses(
    desk: Desk,
) -> None:
    session = await desk.login(address="home")
    await desk.fail(3, address="elsewhere")

    changed = await desk.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert changed.id == desk.ada.id


async def test_which_addresses_are_taken_is_told_as_seldom_as_at_registration(desk: Desk) -> None:
    session = await desk.login()
    for number in range(3):
        await desk.change(session, email=f"a{number}@example.com", current_password=PASSWORD)
    with pytest.raises(RateLimited) as error:
        await desk.change(session, email="a4@example.com", current_password=PASSWORD)

    assert error.value.decision.rule.name == "register"


async def test_of_two_password_changes_at_once_the_second_loses(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await desk.login()
    hash_ = desk.passwords.hash

    async def hash_slowly(password: str, *, caller: str) -> str:
        await desk.users.update(desk.ada.id, AccountChange(password_hash="of the other"))
        return await hash_(password, caller=caller)

    monkeypatch.setattr(desk.passwords, "hash", hash_slowly)
    with pytest.raises(WrongPassword):
        await desk.change(session, password=NEW_PASSWORD, current_password=PASSWORD)

    assert desk.users.hashes[desk.ada.id] == "of the other"
