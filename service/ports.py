"""The few interfaces that swap; everything else is plain code above or below them.

``Users`` and ``Todos`` are the database. ``Repository`` is the seam: the routes read and write
through it, the uncached variant answers it from the database, a cached variant wraps another
``Repository``.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from service.domain import (
    ANY_REVISION,
    Account,
    AccountChange,
    CachedValue,
    Credentials,
    Decision,
    NewAccount,
    NewTodo,
    Revisions,
    Rule,
    Snapshot,
    Todo,
    TodoChange,
    TodoId,
    TodoPage,
    TodoSnapshot,
    TokenId,
    UserId,
)

CachedValues = tuple[CachedValue, ...]
Write = AbstractAsyncContextManager[None]


class Users(Protocol):
    """Accounts in the database. Every method raises ``DatabaseUnavailable``."""

    async def insert(self, account: NewAccount) -> Account:
        """Store a new account; raises ``EmailTaken``."""
        ...

    async def find(self, user_id: UserId) -> Account | None:
        """Return the account, without its password hash."""
        ...

    async def find_credentials(self, email: str) -> Credentials | None:
        """Return what login compares against, by lower-case e-mail."""
        ...

    async def update(self, user_id: UserId, change: AccountChange) -> Account | None:
        """Apply a change atomically and return the account after it; raises ``EmailTaken``."""
        ...

    async def revoke(self, user_id: UserId, token_id: TokenId, expires_at: float) -> None:
        """Add a token id to the account until ``expires_at`` (epoch seconds); drop expired ones.

        Where there would be more than :data:`REVOKED_QUOTA`, every token is ended instead.
        """
        ...

    async def remember(self, user_id: UserId, address: str) -> None:
        """Keep the digest of an address that logged in, beside the last few others."""
        ...

    async def delete(self, user_id: UserId) -> None:
        """Remove the account; its tokens end with it."""
        ...


class Todos(Protocol):
    """Todos in the database, always of one user. Every method raises ``DatabaseUnavailable``."""

    async def page(
        self,
        user_id: UserId,
        *,
        after: TodoId | None = None,
        limit: int | None = None,
        completed: bool | None = None,
    ) -> TodoPage:
        """Return the todos in creation order, from behind ``after``, ``limit`` of them at most.

        With ``completed`` only those that are, or are not.
        """
        ...

    async def find(self, user_id: UserId, todo_id: TodoId) -> Todo | None:
        """Return one todo of this user."""
        ...

    async def insert(self, user_id: UserId, todo: NewTodo) -> Todo:
        """Store a todo behind all others, once per idempotency key.

        Raises ``QuotaReached``, ``KeyReused``, and ``InvalidToken`` for an account that is gone.
        """
        ...

    async def update(self, user_id: UserId, todo_id: TodoId, change: TodoChange) -> Todo:
        """Apply a change atomically.

        Raises ``NotFound``, ``RevisionMismatch`` and ``QuotaReached``.
        """
        ...

    async def delete(
        self, user_id: UserId, todo_id: TodoId, revisions: Revisions = ANY_REVISION
    ) -> None:
        """Remove one todo; raises ``NotFound`` and ``RevisionMismatch``."""
        ...

    async def delete_all(self, user_id: UserId) -> None:
        """Remove what a deleted account leaves behind."""
        ...


class Repository(Protocol):
    """The seam between the routes and their data: reads of cached values, writes around a commit.

    Every read includes the account, so that one round trip can both authorise and answer.
    """

    async def read(self, user_id: UserId, kinds: CachedValues) -> Snapshot:
        """Return these cached values of the user."""
        ...

    async def todo(self, user_id: UserId, todo_id: TodoId) -> TodoSnapshot:
        """Return the account and one todo."""
        ...

    def write(self, user_id: UserId, *kinds: CachedValue) -> Write:
        """Return what a change of these cached values in the database is to be enclosed in.

        An implementation may do something before and after the change; it is left, which is the
        acknowledgement, only when its promise about later reads holds. It raises what the change
        raises. A change that was cancelled may have happened.
        """
        ...


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """The state of the Redis layer for an operator."""

    state: str
    epoch: int
    fences: Mapping[str, int] = field(default_factory=dict)


class CacheControl(Protocol):
    """The run-time switch of the Redis layer, for the whole deployment."""

    async def status(self) -> CacheStatus:
        """Tell the state and the epoch."""
        ...

    async def switch(self, *, enabled: bool) -> CacheStatus:
        """Turn the layer on or off; raises ``NoCacheConfigured``."""
        ...

    async def drop(self) -> CacheStatus:
        """Forget every cached value."""
        ...


class RateLimiter(Protocol):
    """Counts requests by key; never raises, never leaves the door open."""

    async def hit(self, rule: Rule, key: str) -> Decision:
        """Admit or refuse one request, atomically."""
        ...

    async def refund(self, key: str, decision: Decision) -> None:
        """Undo an admitted request that turned out not to count."""
        ...
