"""Values to bytes and back; the bytes of a body are made here and nowhere else."""

import re

from pydantic import TypeAdapter, ValidationError

from service.domain import Account, Todo, TodoId, TodoList, UserId

_todo = TypeAdapter(Todo)
_todos = TypeAdapter(tuple[Todo, ...])
_account = TypeAdapter(Account)
_ID_BYTES = 24
_NO_REST = b"-" * _ID_BYTES
_REST_AFTER = re.compile(rb"[0-9a-f]{24}")


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
    _ensure_owned(owner, entry)
    try:
        return _account.validate_json(entry[_ID_BYTES:])
    except ValidationError as error:
        raise CorruptValue(str(error)) from error


def pack_todos(owner: UserId, todos: TodoList) -> bytes:
    """Return a todo list as a cache entry: its owner, where the next page begins, its body."""
    return owner.encode() + (todos.rest_after or _NO_REST.decode()).encode() + todos.body


def unpack_todos(owner: UserId, entry: bytes) -> TodoList:
    """Return the todo list of a cache entry; raises ``CorruptValue``, also for another owner's."""
    _ensure_owned(owner, entry)
    rest_after, body = entry[_ID_BYTES : 2 * _ID_BYTES], entry[2 * _ID_BYTES :]
    if not (body.startswith(b"[") and body.endswith(b"]")):
        raise CorruptValue("not a todo list")
    if rest_after == _NO_REST:
        return TodoList(body, None)
    if not _REST_AFTER.fullmatch(rest_after):
        raise CorruptValue("not the id of a todo")
    return TodoList(body, TodoId(rest_after.decode()))


def _ensure_owned(owner: UserId, entry: bytes) -> None:
    # A reply can reach the wrong caller (redis-py #2665): an entry names its owner to be believed.
    if entry[:_ID_BYTES] != owner.encode():
        raise CorruptValue("the entry belongs to somebody else")
