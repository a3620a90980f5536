"""Indexes over what other programs, or older versions, have stored."""

from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from service.adapters.mongo.client import Database, Indexes
from service.adapters.mongo.users import MongoUsers
from service.bootstrap import _ensure
from service.domain import NewAccount
from service.errors import IndexConflict

pytestmark = pytest.mark.servers


async def twice(database: Database) -> None:
    """Store two accounts with one e-mail."""
    await database["users"].insert_many([{"email": "ada@example.com"} for _ in range(2)])


async def of_another_kind(database: Database) -> None:
    """Make an index of the same name that is not unique."""
    await database["users"].create_index("email")


@pytest.mark.parametrize(
    ("prepare", "says"), [(twice, "share an e-mail"), (of_another_kind, "drop it")]
)
async def test_what_is_in_the_way_of_an_index_is_said_with_what_to_do_and_stops_registration_only(
    database: Database, prepare: Callable[[Database], Awaitable[None]], says: str
) -> None:
    await prepare(database)
    indexes = Indexes(database)
    with capture_logs() as lines:
        await _ensure(indexes)
    users = MongoUsers(database, indexes)
    with pytest.raises(IndexConflict, match=says):
        await users.insert(NewAccount("Bob", "bob@example.com", "hash"))
    made = await database["todos"].index_information()

    assert [line["event"] for line in lines] == ["index cannot be made"]
    assert says in lines[0]["why"]
    assert len(made) == 3
    assert await users.find_credentials("nobody@example.com") is None
