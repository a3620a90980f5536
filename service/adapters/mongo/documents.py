"""The shapes stored in MongoDB, and the one place that turns them into values of the domain.

Documents written by older versions or by other programs may lack fields or hold wrong types. A
todo that cannot be read is refused with ``BadDocument``, so that it costs its owner one todo and
not the whole list; an account is read with what it has.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, get_args, get_type_hints

import bson
from bson import CodecOptions, ObjectId
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from service.domain import TODO_FIELDS, Account, NewTodo, Todo, TodoId, UserId

Document = dict[str, Any]
UNDECODED = CodecOptions(document_class=RawBSONDocument)
_DECODED: CodecOptions[Document] = CodecOptions(tz_aware=True)
_ID = b"\x07_id\x00"

ACCOUNT_PROJECTION = {
    "name": 1,
    "email": 1,
    "created_at": 1,
    "token_generation": 1,
    "revoked_tokens": 1,
}
TODO_PROJECTION = {"user_id": 0, "idempotency_key": 0, "idempotency_digest": 0}
_EPOCH = datetime.fromtimestamp(0, UTC)
_TODO_TYPES = get_type_hints(Todo)
_TODO_FIELDS = tuple(
    (
        name,
        get_args(_TODO_TYPES[name]) or _TODO_TYPES[name],
        None if each.required else each.default,
    )
    for name, each in TODO_FIELDS.items()
    if name != "id"
)
"""Name, type or types, and the value of a document that lacks it."""


class BadDocument(ValueError):
    """A stored todo that does not hold what a todo holds."""


def decoded(document: RawBSONDocument) -> Document:
    """Return a document; of one that cannot be decoded the id, and nothing that makes it a todo.

    MongoDB stores the id in front of every other field.
    """
    raw = bytes(document.raw)
    try:
        return bson.decode(raw, _DECODED)
    except BSONError:
        return {"_id": ObjectId(raw[9:21]) if raw[4:9] == _ID else None}


def text_bytes(document: Document) -> int:
    """Return how many bytes the texts of a todo have."""
    texts = (document.get("heading"), document.get("task"))
    return sum(len(text.encode()) for text in texts if isinstance(text, str))


def first_of(documents: Sequence[Document], max_bytes: int) -> Sequence[Document]:
    """Return the first todos that make no more than so many bytes, and one in any case."""
    ends = accumulate(map(text_bytes, documents))
    return documents[: max(1, sum(end <= max_bytes for end in ends))]


def account_from_document(document: Document) -> Account:
    """Return the account of a user document; absent fields take their neutral value."""
    created_at = document.get("created_at")
    return Account(
        id=UserId(str(document["_id"])),
        name=str(document.get("name") or ""),
        email=str(document.get("email") or ""),
        created_at=created_at if isinstance(created_at, datetime) else _EPOCH,
        token_generation=int(document.get("token_generation") or 0),
        revoked={
            entry["jti"]: entry["expires_at"].timestamp()
            for entry in document.get("revoked_tokens") or ()
        },
    )


def todo_from_document(document: Document) -> Todo:
    """Return the todo of a document; raises ``BadDocument``."""
    values: dict[str, Any] = {}
    if not isinstance(document["_id"], ObjectId):
        raise BadDocument(f"todo {document['_id']!r} has no id that can be asked for")
    for name, type_, default in _TODO_FIELDS:
        values[name] = value = document.get(name, default)
        if not isinstance(value, type_):
            raise BadDocument(f"todo {document['_id']} holds no proper {name}")
    return Todo(id=TodoId(str(document["_id"])), **values)


def todo_document(user_id: UserId, todo: Todo, new: NewTodo) -> Document:
    """Return the document of a todo that was just made of ``new``."""
    document: Document = {"_id": ObjectId(todo.id), "user_id": ObjectId(user_id)}
    document |= {name: getattr(todo, name) for name, _, _ in _TODO_FIELDS}
    if new.idempotency_key is not None:
        document["idempotency_key"] = new.idempotency_key
        document["idempotency_digest"] = new.digest
    return document
