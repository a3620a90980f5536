"""In-memory stand-ins for the database, a clock, and a fast hasher.

The stores hold plain dicts, count their calls by name in ``calls``, and fail while ``down`` is
set. The contract tests hold them to the same promises as the real ones.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from bson import ObjectId
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service.adapters.mongo.users import REVOCATION_SLACK_S
from service.domain import (
    ANY_REVISION,
    PAGE_SIZE,
    REVOKED_QUOTA,
    TODO_QUOTA,
    Account,
    AccountChange,
    Credentials,
    NewAccount,
    NewTodo,
    Revisions,
    Todo,
    TodoChange,
    TodoId,
    TodoPage,
    TokenId,
    UserId,
    now,
)
from service.errors import (
    DatabaseUnavailable,
    EmailTaken,
    KeyReused,
    NotFound,
    QuotaReached,
    RevisionMismatch,
)

_ids = count(1)


def new_id() -> str:
    """Return an id like MongoDB's: 24 hex digits, greater than all before."""
    return f"{next(_ids):024x}"


def fast_hasher() -> PasswordHash:
    """Return a hasher that takes no time and protects nothing."""
    return PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


def new_todo(
    heading: str, task: str, *, idempotency_key: str | None = None, **fields: Any
) -> NewTodo:
    """Return a todo about to be created."""
    return NewTodo({"heading": heading, "task": task, **fields}, idempotency_key)


class ManualClock:
    """A clock in seconds that stands until it is advanced."""

    def __init__(self, start_s: float = 1_000.0) -> None:
        self._now_s = start_s

    def __call__(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        self._now_s += seconds


class _Store:
    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.down = False

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if self.down:
            raise DatabaseUnavailable(name)


class FakeUsers(_Store):
    """``Users`` in a dict; ``clock`` gives seconds since the epoch."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.accounts: dict[UserId, Account] = {}
        self.hashes: dict[UserId, str] = {}
        self.known: dict[UserId, dict[str, float]] = {}
        self._clock = clock

    async def insert(self, account: NewAccount) -> Account:
        self._called("insert")
        self._require_free(account.email)
        user_id = UserId(new_id())
        self.hashes[user_id] = account.password_hash
        self.accounts[user_id] = Account(user_id, account.name, account.email, now(), 0, {})
        return self.accounts[user_id]

    async def find(self, user_id: UserId) -> Account | None:
        self._called("find")
        return self.accounts.get(user_id)

    async def find_credentials(self, email: str) -> Credentials | None:
        self._called("find_credentials")
        for account in self.accounts.values():
            if account.email == email:
                return Credentials(
                    account.id,
                    self.hashes[account.id],
                    account.token_generation,
                    dict(self.known.get(account.id, {})),
                )
        return None

    async def update(self, user_id: UserId, change: AccountChange) -> Account | None:
        self._called("update")
        account = self.accounts.get(user_id)
        if account is None:
            return None
        if change.if_password_hash not in (None, self.hashes[user_id]):
            return None
        if change.email not in (None, account.email):
            self._require_free(change.email)
        if change.end_tokens:
            account = replace(account, token_generation=account.token_generation + 1, revoked={})
        self.hashes[user_id] = change.password_hash or self.hashes[user_id]
        self.accounts[user_id] = replace(
            account, name=change.name or account.name, email=change.email or account.email
        )
        return self.accounts[user_id]

    async def revoke(self, user_id: UserId, token_id: TokenId, expires_at: float) -> None:
        self._called("revoke")
        if account := self.accounts.get(user_id):
            since = self._clock() - REVOCATION_SLACK_S
            kept = {jti: until for jti, until in account.revoked.items() if until > since}
            self.accounts[user_id] = replace(account, revoked=kept | {token_id: expires_at})
            if len(kept) >= REVOKED_QUOTA:
                generation = account.token_generation + 1
                self.accounts[user_id] = replace(account, revoked={}, token_generation=generation)

    async def remember(self, user_id: UserId, address: str) -> None:
        self._called("remember")
        others = self.known.setdefault(user_id, {})
        others.pop(address, None)
        self.known[user_id] = {address: self._clock()} | dict(list(others.items())[:9])

    async def delete(self, user_id: UserId) -> None:
        self._called("delete")
        self.known.pop(user_id, None)
        self.accounts.pop(user_id, None)
        self.hashes.pop(user_id, None)

    def _require_free(self, email: str | None) -> None:
        if any(account.email == email for account in self.accounts.values()):
            raise EmailTaken


class FakeTodos(_Store):
    """``Todos`` in a dict per user, in creation order."""

    def __init__(self) -> None:
        super().__init__()
        self.todos: dict[UserId, dict[TodoId, Todo]] = {}
        self._made: dict[tuple[UserId, str], tuple[TodoId, str]] = {}

    async def page(
        self,
        user_id: UserId,
        *,
        after: TodoId | None = None,
        limit: int | None = None,
        completed: bool | None = None,
    ) -> TodoPage:
        self._called("page")
        rest = [
            todo
            for todo in self._own(user_id).values()
            if todo.id > (after or "") and completed in (None, todo.completed)
        ]
        size = min(limit or PAGE_SIZE, PAGE_SIZE)
        todos = tuple(rest[:size])
        return TodoPage(todos, todos[-1].id if len(rest) > size else None)

    async def find(self, user_id: UserId, todo_id: TodoId) -> Todo | None:
        self._called("find")
        return self._get(user_id, todo_id)

    async def insert(self, user_id: UserId, todo: NewTodo) -> Todo:
        self._called("insert")
        own = self._own(user_id)
        if len(own) >= TODO_QUOTA:
            raise QuotaReached
        made, digest = self._made.get((user_id, todo.idempotency_key or ""), (None, ""))
        if made in own:
            if digest != todo.digest:
                raise KeyReused
            return own[made]
        new = todo.created(TodoId(new_id()))
        own[new.id] = new
        if todo.idempotency_key is not None:
            self._made[user_id, todo.idempotency_key] = new.id, todo.digest
        return new

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        self._called("update")
        todo = self._require(user_id, todo_id, change.revisions)
        fields: dict[str, Any] = dict(change.fields)
        changed = replace(todo, **fields, updated_at=now(), rev=todo.rev + 1)
        self._own(user_id)[todo_id] = changed
        return changed

    async def delete(
        self, user_id: UserId, todo_id: TodoId, revisions: Revisions = ANY_REVISION
    ) -> None:
        self._called("delete")
        self._require(user_id, todo_id, revisions)
        del self._own(user_id)[todo_id]

    async def delete_all(self, user_id: UserId) -> None:
        self._called("delete_all")
        self.todos.pop(user_id, None)

    def _own(self, user_id: UserId) -> dict[TodoId, Todo]:
        return self.todos.setdefault(user_id, {})

    def _get(self, user_id: UserId, todo_id: TodoId) -> Todo | None:
        # Refuses what is no id, as MongoDB's driver does.
        return self._own(user_id).get(TodoId(str(ObjectId(todo_id))))

    def _require(self, user_id: UserId, todo_id: TodoId, revisions: Revisions) -> Todo:
        todo = self._get(user_id, todo_id)
        if todo is None:
            raise NotFound
        wanted = revisions.wanted
        if todo.rev in revisions.unwanted or (wanted is not None and todo.rev not in wanted):
            raise RevisionMismatch
        return todo
