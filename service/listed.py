"""One todo, answered from the cached list: what every variant that caches lists has in common."""

from dataclasses import replace

from service.codec import CorruptValue, decode_todos
from service.domain import CachedValue, Snapshot, TodoId, TodoSnapshot, UserId
from service.outcomes import CORRUPT, PAGED
from service.ports import Repository


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
