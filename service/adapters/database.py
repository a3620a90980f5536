"""The uncached variant: every read asks the database, every write is just its commit."""

import asyncio
from contextlib import nullcontext

from service.codec import encode_todos
from service.domain import CachedValue, Snapshot, TodoId, TodoList, TodoSnapshot, UserId
from service.ports import CachedValues, Todos, Users, Write
from service.trace import OFF


class DatabaseRepository:
    """The ``Repository`` that reads the database: one indexed find per cached value."""

    def __init__(self, users: Users, todos: Todos) -> None:
        self._users = users
        self._todos = todos

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Find the account and the todos, at the same time; a missing account has no list."""
        outcomes = dict.fromkeys(kinds, OFF)
        match kinds:
            case (CachedValue.USER,):
                return Snapshot(await self._users.find(user_id), outcomes=outcomes)
            case (CachedValue.TODOS,):
                return Snapshot(todos=await self._list(user_id), outcomes=outcomes)
        account, todos = await asyncio.gather(self._users.find(user_id), self._list(user_id))
        return Snapshot(account, todos if account else None, outcomes)

    async def _list(self, user_id: UserId) -> TodoList:
        page = await self._todos.page(user_id)
        return TodoList(encode_todos(page.todos), page.rest_after)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Find the account and one todo, at the same time."""
        account, todo = await asyncio.gather(
            self._users.find(user_id), self._todos.find(user_id, todo_id)
        )
        return TodoSnapshot(account, todo if account else None, dict.fromkeys(CachedValue, OFF))

    def write(self, user_id: UserId, *kinds: CachedValue) -> Write:  # noqa: ARG002
        """Do nothing around the change: there is nothing else that could be out of date."""
        return nullcontext()
