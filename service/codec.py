"""Todos to the bytes of a body and back, made here and nowhere else; and one picked from a list."""

from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from service.domain import CachedValue, Snapshot, Todo, TodoId, TodoSnapshot, UserId
from service.ports import Repository
from service.trace import CORRUPT, PAGED

_todo = TypeAdapter(Todo)
_todos = TypeAdapter(tuple[Todo, ...])


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


async def todo_in_list(
    snapshot: Snapshot, inner: Repository, user_id: UserId, todo_id: TodoId
) -> TodoSnapshot:
    """Return the account and the todo as a snapshot has it.

    One beyond the first page, and one in a list that does not decode, comes from ``inner``.
    """
    account, listed, outcomes = snapshot.account, snapshot.todos, snapshot.outcomes
    if account is None or listed is None:
        return TodoSnapshot(account, None, outcomes)
    try:
        todos = decode_todos(listed.body)
    except CorruptValue:
        return await _past_the_list(inner, user_id, todo_id, CORRUPT)
    for todo in todos:
        if todo.id == todo_id:
            return TodoSnapshot(account, todo, outcomes)
    if listed.rest_after is not None:
        return await _past_the_list(inner, user_id, todo_id, PAGED)
    return TodoSnapshot(account, None, outcomes)


async def _past_the_list(
    inner: Repository, user_id: UserId, todo_id: TodoId, why: str
) -> TodoSnapshot:
    found = await inner.todo(user_id, todo_id)
    return replace(found, outcomes=dict.fromkeys(CachedValue, why))
