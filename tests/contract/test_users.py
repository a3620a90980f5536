"""What every ``Users`` promises."""

import asyncio
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest

import service.adapters.mongo.users
from service.adapters.mongo.client import Database, Indexes
from service.adapters.mongo.users import MongoUsers
from service.domain import Account, AccountChange, Credentials, NewAccount, TokenId, UserId, now
from service.errors import EmailTaken
from service.ports import Users
from service.security import LAST_EXPIRY, LEEWAY_S

ADA = NewAccount("Ada", "ada@example.com", "hash-1")
BOB = NewAccount("Bob", "bob@example.com", "hash-2")
NOBODY = UserId("0" * 24)
TOKEN, OTHER_TOKEN = TokenId("token-1"), TokenId("token-2")


def in_an_hour() -> float:
    return time.time() + 3600


async def account(users: Users, user: UserId) -> Account:
    found = await users.find(user)
    assert found is not None
    return found


async def credentials(users: Users, email: str = ADA.email) -> Credentials:
    found = await users.find_credentials(email)
    assert found is not None
    return found


async def test_a_stored_account_is_found_by_id_and_its_credentials_by_email(users: Users) -> None:
    stored = await users.insert(ADA)
    await users.insert(BOB)

    assert await users.find(stored.id) == stored
    assert (stored.name, stored.email) == ("Ada", "ada@example.com")
    assert (stored.token_generation, stored.revoked) == (0, {})
    assert re.fullmatch("[0-9a-f]{24}", stored.id)
    assert await credentials(users) == Credentials(stored.id, "hash-1", 0)


async def test_an_unknown_user_is_none(users: Users) -> None:
    await users.revoke(NOBODY, TOKEN, in_an_hour())
    assert await users.find(NOBODY) is None
    assert await users.find_credentials("nobody@example.com") is None
    assert await users.update(NOBODY, AccountChange(name="Eve")) is None


async def test_of_many_registrations_at_once_one_gets_the_email(users: Users) -> None:
    answers = await asyncio.gather(*(users.insert(ADA) for _ in range(8)), return_exceptions=True)
    [ada] = [answer for answer in answers if isinstance(answer, Account)]

    assert sum(isinstance(answer, EmailTaken) for answer in answers) == 7
    assert await users.find(ada.id) == ada


async def test_a_change_leaves_the_other_fields_and_an_email_must_be_free(users: Users) -> None:
    ada, bob = await users.insert(ADA), await users.insert(BOB)
    renamed = await users.update(ada.id, AccountChange(name="Ada L.", email=ada.email))
    with pytest.raises(EmailTaken):
        await users.update(ada.id, AccountChange(email=bob.email))
    moved = await users.update(ada.id, AccountChange(email="countess@example.com"))

    assert renamed == replace(ada, name="Ada L.")
    assert moved == replace(ada, name="Ada L.", email="countess@example.com")
    assert await users.find(ada.id) == moved
    assert await users.find_credentials("ada@example.com") is None


async def test_of_changes_insisting_on_a_hash_one_wins_and_others_do_nothing(users: Users) -> None:
    ada = await users.insert(ADA)
    changes = [
        AccountChange(password_hash=f"hash-{new}", if_password_hash=f"hash-{old}", end_tokens=True)
        for old, new in ((9, 7), (1, 8), (1, 9))
    ]
    answers = [await users.update(ada.id, changes[0])]
    unchanged = await account(users, ada.id), (await credentials(users)).password_hash
    answers += await asyncio.gather(*(users.update(ada.id, change) for change in changes[1:]))

    assert unchanged == (ada, "hash-1")
    assert [answer is None for answer in answers].count(True) == 2
    assert (await account(users, ada.id)).token_generation == 1


async def test_ending_tokens_moves_to_the_next_generation(users: Users) -> None:
    ada = await users.insert(ADA)
    await users.revoke(ada.id, TOKEN, in_an_hour())
    changed = await users.update(ada.id, AccountChange(end_tokens=True))

    assert changed == replace(ada, token_generation=1, revoked={})
    assert (await credentials(users)).token_generation == 1


async def test_tokens_revoked_at_once_are_all_part_of_the_account_until_they_expire(
    users: Users,
) -> None:
    ada = await users.insert(ADA)
    tokens = {TokenId(f"at-once-{number}"): in_an_hour() for number in range(8)}
    tokens[TOKEN] = LAST_EXPIRY
    await asyncio.gather(*(users.revoke(ada.id, *token) for token in tokens.items()))
    revoked = (await account(users, ada.id)).revoked

    assert revoked.keys() == tokens.keys()
    assert all(revoked[token] >= int(expires_at) for token, expires_at in tokens.items())


async def test_a_revoked_token_is_forgotten_long_after_it_expired_and_not_sooner(
    users: Users,
) -> None:
    ada, late = await users.insert(ADA), TokenId("still good by a clock that is late")
    await users.revoke(ada.id, TOKEN, time.time() - 2 * 24 * 3600)
    await users.revoke(ada.id, late, time.time() - LEEWAY_S)
    await users.revoke(ada.id, OTHER_TOKEN, in_an_hour())
    found = await account(users, ada.id)

    assert found.revoked.keys() == {late, OTHER_TOKEN}


async def test_one_revoked_token_too_many_ends_every_token(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.adapters.mongo.users.REVOKED_QUOTA", 2)
    monkeypatch.setattr("tests.fakes.REVOKED_QUOTA", 2)
    ada, revoked = await users.insert(ADA), []
    for number in range(4):
        await users.revoke(ada.id, TokenId(f"token-{number}"), in_an_hour())
        found = await account(users, ada.id)
        revoked.append((found.token_generation, len(found.revoked)))

    assert revoked == [(0, 1), (0, 2), (1, 0), (1, 1)]


@pytest.mark.servers
async def test_a_process_whose_clock_is_ahead_drops_no_token_that_others_would_accept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = MongoUsers(database, Indexes(database))
    ada = await users.insert(ADA)
    await users.revoke(ada.id, TOKEN, in_an_hour())
    monkeypatch.setattr(service.adapters.mongo.users, "now", lambda: now() + timedelta(days=3))
    await users.revoke(ada.id, OTHER_TOKEN, in_an_hour() + 3 * 24 * 3600)
    found = await account(users, ada.id)

    assert found.revoked.keys() == {TOKEN, OTHER_TOKEN}


async def test_the_last_addresses_that_logged_in_are_remembered_with_the_account(
    users: Users,
) -> None:
    ada = await users.insert(ADA)
    for number in (*range(12), 5):
        await users.remember(ada.id, f"address-{number}")
    known = (await credentials(users)).known_addresses
    await users.delete(ada.id)
    await users.insert(ADA)

    assert set(known) == {f"address-{number}" for number in range(2, 12)}
    assert max(known.values()) <= time.time() + 1
    assert (await credentials(users)).known_addresses == {}


@pytest.mark.servers
async def test_an_address_that_logged_in_long_ago_is_not_known_any_more(
    database: Database,
) -> None:
    users = MongoUsers(database, Indexes(database))
    ada = await users.insert(ADA)
    await users.remember(ada.id, "address")
    long_ago = now() - timedelta(days=31)
    await database["users"].update_one({}, {"$set": {"known_addresses.0.at": long_ago}})

    assert (await credentials(users)).known_addresses == {}


async def test_a_deleted_account_is_gone_and_its_email_free(users: Users) -> None:
    ada, bob = await users.insert(ADA), await users.insert(BOB)
    await users.delete(ada.id)
    await users.delete(ada.id)
    again = await users.insert(ADA)

    assert await users.find(ada.id) is None
    assert again.id != ada.id
    assert await users.find(bob.id) == bob
