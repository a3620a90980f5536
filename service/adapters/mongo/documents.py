"""The shapes stored in MongoDB, and the one place that turns them into values of the domain.

Documents written by older versions or by other programs may lack fields or hold wrong types. A
todo that cannot be read is refused with ``BadDocument``, so that it costs its owner one todo and
not the whole list; an account is read with what it has.
"""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from service.domain import Account, Todo, TodoId, UserId

Document = dict[str, Any]

ACCOUNT_PROJECTION = {
    "name": 1,
    "email": 1,
    "created_at": 1,
    "token_generation": 1,
    "revoked_tokens": 1,
}
TODO_PROJECTION = {"user_id": 0, "idempotency_key": 0}
_TODO_FIELDS: tuple[tuple[str, Any], ...] = (
    ("heading", str),
    ("task", str),
    ("completed", bool),
    ("created_at", datetime),
    ("updated_at", datetime),
    ("completion_time", (datetime, type(None))),
    ("reminder_sent", bool),
    ("rev", int),
)
_EPOCH = datetime.fromtimestamp(0, UTC)


class BadDocument(ValueError):
    """A stored todo that does not hold what a todo holds."""


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
    get = document.get
    todo = Todo(
        TodoId(str(document["_id"])),
        get("heading"),  # type: ignore[arg-type]
        get("task"),  # type: ignore[arg-type]
        get("completed"),  # type: ignore[arg-type]
        get("created_at"),  # type: ignore[arg-type]
        get("updated_at"),  # type: ignore[arg-type]
        get("completion_time"),
        get("reminder_sent", False),
        get("rev", 0),
    )
    for name, type_ in _TODO_FIELDS:
        if not isinstance(getattr(todo, name), type_):
            raise BadDocument(f"todo {document['_id']} holds no proper {name}")
    return todo


def todo_document(
    user_id: UserId,
    *,
    heading: str,
    task: str,
    completion_time: datetime | None,
    idempotency_key: str | None,
    created_at: datetime,
) -> Document:
    """Return the document of a new todo."""
    document: Document = {
        "_id": ObjectId(),
        "user_id": ObjectId(user_id),
        "heading": heading,
        "task": task,
        "completed": False,
        "created_at": created_at,
        "updated_at": created_at,
        "completion_time": completion_time,
        "reminder_sent": False,
        "rev": 1,
    }
    if idempotency_key is not None:
        document["idempotency_key"] = idempotency_key
    return document
