"""A verified caller and what that caller may read and write."""

from collections.abc import Set as AbstractSet

from service.codec import encode_todos
from service.domain import (
    Account,
    CachedValue,
    NewTodo,
    Snapshot,
    Todo,
    TodoChange,
    TodoId,
    TodoList,
    TodoSnapshot,
)
from service.errors import InvalidToken, NotFound
from service.outcomes import PAGED
from service.ports import CachedValues, Repository, Todos
from service.security import Claims, ensure_not_revoked
from service.trace import current


class Session:
    """One request's caller; every operation checks the token against the account that it read.

    All methods raise ``InvalidToken`` or ``RevokedToken``, and ``DatabaseUnavailable``.
    """

    def __init__(self, claims: Claims, repository: Repository, todos: Todos) -> None:
        self.claims = claims
        self._repository = repository
        self._todos = todos

    async def account(self) -> Account:
        """Return the caller's account."""
        account, _ = await self._read((CachedValue.USER,))
        return account

    async def todo_list(self) -> TodoList:
        """Return the first page of the caller's todos."""
        _, snapshot = await self._read((CachedValue.USER, CachedValue.TODOS))
        if snapshot.todos is None:
            raise InvalidToken
        return snapshot.todos

    async def todo_page(
        self, *, after: TodoId | None, limit: int | None, completed: bool | None
    ) -> TodoList:
        """Return a later page, or a part of one; only the whole first page is cached."""
        await self.account()
        current().outcomes[CachedValue.TODOS] = PAGED
        page = await self._todos.page(
            self.claims.user_id, after=after, limit=limit, completed=completed
        )
        return TodoList(encode_todos(page.todos), page.rest_after)

    async def todo(self, todo_id: TodoId) -> Todo:
        """Return one todo of the caller; raises ``NotFound``."""
        snapshot = await self._repository.todo(self.claims.user_id, todo_id)
        self._admitted(snapshot)
        if snapshot.todo is None:
            raise NotFound
        return snapshot.todo

    async def create_todo(self, todo: NewTodo) -> Todo:
        """Create a todo; raises ``QuotaReached`` and ``KeyReused``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            return await self._todos.insert(self.claims.user_id, todo)

    async def update_todo(self, todo_id: TodoId, change: TodoChange) -> Todo:
        """Change a todo; raises ``NotFound`` and ``RevisionMismatch``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            return await self._todos.update(self.claims.user_id, todo_id, change)

    async def delete_todo(
        self,
        todo_id: TodoId,
        *,
        if_revs: AbstractSet[int] | None = None,
        unless_revs: AbstractSet[int] = frozenset(),
    ) -> None:
        """Remove a todo; raises ``NotFound`` and ``RevisionMismatch``."""
        await self.account()
        async with self._repository.write(self.claims.user_id, CachedValue.TODOS):
            await self._todos.delete(
                self.claims.user_id, todo_id, if_revs=if_revs, unless_revs=unless_revs
            )

    async def _read(self, kinds: CachedValues) -> tuple[Account, Snapshot]:
        snapshot = await self._repository.read(self.claims.user_id, kinds)
        return self._admitted(snapshot), snapshot

    def _admitted(self, snapshot: Snapshot | TodoSnapshot) -> Account:
        """Return the account if the token counts for it, and note how its values were come by."""
        current().outcomes.update(snapshot.outcomes)
        return ensure_not_revoked(self.claims, snapshot.account)
