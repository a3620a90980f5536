from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import DatetimeMS, ObjectId
from bson.raw_bson import RawBSONDocument

from service.adapters.mongo.documents import (
    BadDocument,
    account_from_document,
    decoded,
    todo_document,
    todo_from_document,
)
from service.domain import Account, TodoId, UserId
from tests.fakes import new_todo

ADA = "a" * 24
AT = datetime(2030, 1, 2, 3, 4, 5, 678_000, UTC)


def stored(**changes: Any) -> dict[str, Any]:
    new = new_todo("Milk", "")
    return todo_document(UserId(ADA), new.created(TodoId("b" * 24)), new) | changes


def without(field: str) -> dict[str, Any]:
    document = stored()
    del document[field]
    return document


@pytest.mark.parametrize(
    ("field", "default"),
    [("completed", False), ("completion_time", None), ("reminder_sent", False), ("rev", 0)],
)
def test_a_field_that_older_versions_did_not_write_has_a_default(
    field: str, default: object
) -> None:
    assert getattr(todo_from_document(without(field)), field) == default


@pytest.mark.parametrize(
    ("field", "document"),
    [
        *((field, without(field)) for field in ("heading", "task", "created_at", "updated_at")),
        ("heading", stored(heading=7)),
        ("task", stored(task=None)),
        ("completed", stored(completed="yes")),
        ("created_at", stored(created_at="2030-01-02")),
        ("completion_time", stored(completion_time="soon")),
        ("reminder_sent", stored(reminder_sent=None)),
        ("rev", stored(rev=1.5)),
    ],
)
def test_a_todo_that_lacks_what_makes_it_one_or_has_a_wrong_type_is_refused(
    field: str, document: dict[str, Any]
) -> None:
    with pytest.raises(BadDocument, match=field):
        todo_from_document(document)


@pytest.mark.parametrize(
    "spoiled",
    [
        bson.encode(stored(created_at=DatetimeMS(253_402_300_800_000))),
        bson.encode(stored(heading="Milk?")).replace(b"Milk?", b"Milk\xff"),
    ],
    ids=["a year beyond 9999", "text that is no UTF-8"],
)
def test_of_a_todo_that_cannot_be_decoded_the_id_is_left_and_it_is_refused(spoiled: bytes) -> None:
    document = decoded(RawBSONDocument(spoiled))

    assert document == {"_id": ObjectId("b" * 24)}
    with pytest.raises(BadDocument, match="b" * 24):
        todo_from_document(document)
    good = stored()
    assert decoded(RawBSONDocument(bson.encode(good))) == good


def test_an_account_is_read_with_what_it_has_and_no_revoked_token_is_let_in() -> None:
    bare: dict[str, Any] = {"_id": ObjectId(ADA)}
    revoked = [{"jti": "token", "expires_at": AT}, {"jti": "other", "expires_at": "never"}]
    malformed = {"name": 7, "created_at": "once", "token_generation": "two"}
    account = account_from_document(
        bare | malformed | {"revoked_tokens": [*revoked, {"expires_at": AT}, "what"]}
    )

    assert account_from_document(bare) == Account(
        UserId(ADA), "", "", datetime(1970, 1, 1, tzinfo=UTC), 0, {}
    )
    assert (account.name, account.token_generation) == ("7", -1)
    assert account.revoked.keys() == {"token", "other"}
    assert account.revoked["token"] == AT.timestamp() < account.revoked["other"]
    assert account_from_document(bare | {"revoked_tokens": 5}).revoked == {}
    assert account_from_document(bare | {"token_generation": 2}).token_generation == 2
