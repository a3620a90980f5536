"""The uncached variant: every read asks the database, every write is just its commit."""

from service.codec import encode_todos
from service.domain import Account, Slot, Snapshot, Todo, TodoId, TodoList, UserId
from service.ports import Commit, Slots, T, Todos, Users
from service.trace import OFF, outcome


class DatabaseRepository:
    """The ``Repository`` that reads the database: one indexed find per slot."""

    def __init__(self, users: Users, todos: Todos) -> None:
        self._users = users
        self._todos = todos

    async def read(self, user_id: UserId, slots: Slots) -> Snapshot:
        """Find the account and, for somebody who exists, the todos."""
        account: Account | None = None
        if Slot.USER in slots:
            outcome(Slot.USER, OFF)
            account = await self._users.find(user_id)
            if account is None:
                return Snapshot()
        if Slot.TODOS not in slots:
            return Snapshot(account)
        outcome(Slot.TODOS, OFF)
        page = await self._todos.page(user_id)
        return Snapshot(account, TodoList(encode_todos(page.todos), page.rest_after))

    async def todo(self, user_id: UserId, todo_id: TodoId) -> tuple[Account | None, Todo | None]:
        """Find the account and one todo."""
        account = (await self.read(user_id, (Slot.USER,))).account
        if account is None:
            return None, None
        outcome(Slot.TODOS, OFF)
        return account, await self._todos.find(user_id, todo_id)

    async def write(self, user_id: UserId, slots: Slots, commit: Commit[T]) -> T:  # noqa: ARG002
        """Commit; there is nothing else that could be out of date."""
        return await commit()
