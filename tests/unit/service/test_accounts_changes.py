import pytest

from service.domain import AccountChange
from service.errors import (
    EmailTaken,
    InvalidToken,
    Overloaded,
    RateLimited,
    WrongPassword,
)
from tests.fakes import new_todo
from tests.unit.service.accounts_setup import NEW_PASSWORD, PASSWORD, AccountsSetup


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
