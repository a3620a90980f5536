"""The uncached variant: every read asks the database, every write is just its commit."""

import asyncio

from service.codec import encode_todos
from service.domain import Account, CachedValue, Snapshot, Todo, TodoId, TodoList, UserId
from service.ports import Commit, Slots, T, Todos, Users
from service.trace import OFF, outcome


class DatabaseRepository:
    """The ``Repository`` that reads the database: one indexed find per slot."""

    def __init__(self, users: Users, todos: Todos) -> None:
        self._users = users
        self._todos = todos

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Find the account and the todos, at the same time; nobody has no todos."""
        for slot in slots:
            outcome(slot, OFF)
        match slots:
            case (CachedValue.USER,):
                return Snapshot(await self._users.find(user_id))
            case (CachedValue.TODOS,):
                return Snapshot(todos=await self._list(user_id))
        account, todos = await asyncio.gather(self._users.find(user_id), self._list(user_id))
        return Snapshot(account, todos if account else None)

    async def _list(self, user_id: UserId) -> TodoList:
        page = await self._todos.page(user_id)
        return TodoList(encode_todos(page.todos), page.rest_after)

    async def todo(self, user_id: UserId, todo_id: TodoId) -> tuple[Account | None, Todo | None]:
        """Find the account and one todo, at the same time."""
        for slot in CachedValue:
            outcome(slot, OFF)
        account, todo = await asyncio.gather(
            self._users.find(user_id), self._todos.find(user_id, todo_id)
        )
        return account, todo if account else None

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:  # noqa: ARG002
        """Commit; there is nothing else that could be out of date."""
        return await commit()
