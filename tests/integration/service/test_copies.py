"""Copies and restored backups of a database, on the Redis that the original uses."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from benchmarks.stack.embedded import Stack
from service.config import Settings
from service.domain import CachedValue, TokenId, UserId
from service.trace import HIT
from tests.integration.service.conftest import ServedService, running

pytestmark = pytest.mark.servers
Make = Callable[..., Settings]
Dump = Mapping[str, Sequence[dict[str, Any]]]
COLLECTIONS = ("cache_fence", "todos", "users")
TOKEN = TokenId("a-token")


class Backups:
    """What an operator does with the database of a deployment."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], name: str) -> None:
        self._client = client
        self.name = name
        self.name_of_copy = "copy-" + name[-30:]

    async def dump(self) -> Dump:
        """Return every document."""
        database = self._client[self.name]
        return {name: await database[name].find().to_list() for name in COLLECTIONS}

    async def restore(self, dump: Dump, name: str, *, drop: bool = True) -> None:
        """Put the documents into collections of their own, as ``mongorestore --drop`` does.

        Without ``drop`` they are put where they were, with nothing to tell by that it happened.
        """
        for collection, documents in dump.items():
            if drop:
                await self._client[name].drop_collection(collection)
            await self._client[name][collection].delete_many({})
            await self._client[name][collection].insert_many(documents)

    async def forget_the_fence(self) -> None:
        """Do what docs/coherence.md says under R3."""
        await self._client[self.name]["cache_fence"].delete_one({"_id": "fence"})


@pytest.fixture
async def backups(servers: Stack, database_name: str) -> AsyncIterator[Backups]:
    async with AsyncMongoClient[dict[str, Any]](servers.mongo.url) as client:
        backups = Backups(client, database_name)
        yield backups
        await client.drop_database(backups.name_of_copy)


async def revoked(service: ServedService, user: UserId) -> bool:
    """Tell whether the service takes the token for a revoked one."""
    account = (await service.backends.repository.read(user, (CachedValue.USER,))).account
    assert account is not None
    return TOKEN in account.revoked


async def test_a_copy_of_the_database_shares_no_cached_value_with_the_original(
    settings: Make, backups: Backups
) -> None:
    async with running(settings()) as original:
        ada = await original.register()
        await original.says(ada, HIT)
        await backups.restore(await backups.dump(), backups.name_of_copy)
        copy_settings = settings(mongodb_database=backups.name_of_copy)
        async with running(copy_settings) as copy:
            await copy.gets("on")
            await copy.add(ada, "Of the copy")
            await original.add(ada, "Of the original")
            users = original.backends.accounts.users
            async with original.backends.repository.write(ada, CachedValue.USER):
                await users.revoke(ada, TOKEN, 2e9)
            await copy.says(ada, HIT)
            await original.says(ada, HIT)
            answers = await original.body(ada), await copy.body(ada)
            tokens = await revoked(original, ada), await revoked(copy, ada)
            # The original was not disturbed.
            state = await original.state()

    assert "Of the original" in answers[0]
    assert "Of the copy" not in answers[0]
    assert "Of the copy" in answers[1]
    assert "Of the original" not in answers[1]
    assert tokens == (True, False)
    assert state == "on"


@pytest.mark.parametrize("drop", [True, False])
async def test_what_was_cached_before_a_backup_was_restored_is_served_by_nobody(
    settings: Make, backups: Backups, *, drop: bool
) -> None:
    async with running(settings()) as service:
        ada = await service.register()
        dump = await backups.dump()
        await service.add(ada, "Lost with the backup")
        await service.says(ada, HIT)
    await backups.restore(dump, backups.name, drop=drop)
    if not drop:
        await backups.forget_the_fence()
    async with running(settings()) as service:
        first = await service.body(ada)
        await service.gets("on")
        await service.says(ada, HIT)
        later = await service.body(ada)

    assert "Lost" not in first + later
