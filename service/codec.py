"""Values to bytes and back; the bytes of a body are made here and nowhere else."""

import re

from pydantic import TypeAdapter, ValidationError

from service.domain import Account, Todo, TodoId, TodoList, UserId

_todo = TypeAdapter(Todo)
_todos = TypeAdapter(tuple[Todo, ...])
_account = TypeAdapter(Account)
_ID_BYTES = 24
_NO_REST = "-" * _ID_BYTES
_REST_AFTER = re.compile(r"[0-9a-f]{24}|-{24}")


class CorruptValue(ValueError):
    """Stored bytes that are not what should be there."""


def encode_todo(todo: Todo) -> bytes:
    """Return the body of one todo."""
    return _todo.dump_json(todo)


def encode_todos(todos: tuple[Todo, ...]) -> bytes:
    """Return the body of a list of todos."""
    return _todos.dump_json(todos)


def decode_todos(body: bytes) -> tuple[Todo, ...]:
    """Return the todos of a body; raises ``CorruptValue``."""
    try:
        return _todos.validate_json(body)
    except ValidationError as error:
        raise CorruptValue(str(error)) from error


def pack_account(account: Account) -> bytes:
    """Return an account as a cache entry."""
    return account.id.encode() + _account.dump_json(account)


def unpack_account(owner: UserId, entry: bytes) -> Account:
    """Return the account of a cache entry; raises ``CorruptValue``, also for another owner's."""
    try:
        return _account.validate_json(_payload(owner, entry))
    except ValidationError as error:
        raise CorruptValue(str(error)) from error


def pack_todos(owner: UserId, todos: TodoList) -> bytes:
    """Return a todo list as a cache entry: its owner, where the next page begins, its body."""
    return owner.encode() + (todos.rest_after or _NO_REST).encode() + todos.body


def unpack_todos(owner: UserId, entry: bytes) -> TodoList:
    """Return the todo list of a cache entry; raises ``CorruptValue``, also for another owner's."""
    payload = _payload(owner, entry)
    rest_after, body = payload[:_ID_BYTES].decode("ascii", "replace"), payload[_ID_BYTES:]
    listed = body.startswith(b"[") and body.endswith(b"]")
    if not (listed and _REST_AFTER.fullmatch(rest_after)):
        raise CorruptValue("not a todo list")
    return TodoList(body, None if rest_after == _NO_REST else TodoId(rest_after))


def _payload(owner: UserId, entry: bytes) -> bytes:
    # A reply can reach the wrong caller (redis-py #2665): an entry names its owner to be believed.
    if entry[:_ID_BYTES] != owner.encode():
        raise CorruptValue("the entry belongs to somebody else")
    return entry[_ID_BYTES:]
