"""One todo, answered from the list slot: what every variant that caches lists has in common."""

from service.codec import CorruptValue, decode_todos
from service.domain import Account, CachedValue, Todo, TodoId, UserId
from service.ports import Reads, Repository
from service.trace import CORRUPT, PAGED, outcome


async def todo_from_list(
    reads: Reads, inner: Repository, user_id: UserId, todo_id: TodoId
) -> tuple[Account | None, Todo | None]:
    """Return the account and the todo as the list slot has it.

    One beyond the first page, and one in a list that does not decode, comes from ``inner``.
    """
    snapshot = await reads.read(user_id, (CachedValue.USER, CachedValue.TODOS))
    if snapshot.account is None or snapshot.todos is None:
        return snapshot.account, None
    try:
        todos = decode_todos(snapshot.todos.body)
    except CorruptValue:
        return await _past_the_list(inner, user_id, todo_id, CORRUPT)
    for todo in todos:
        if todo.id == todo_id:
            return snapshot.account, todo
    if snapshot.todos.rest_after is not None:
        return await _past_the_list(inner, user_id, todo_id, PAGED)
    return snapshot.account, None


async def _past_the_list(
    inner: Repository, user_id: UserId, todo_id: TodoId, why: str
) -> tuple[Account | None, Todo | None]:
    found = await inner.todo(user_id, todo_id)
    for slot in CachedValue:
        outcome(slot, why)
    return found
