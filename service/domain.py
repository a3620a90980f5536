"""What the service is about: accounts, todos, and the changes that users make to them.

Values only: no I/O, no HTTP, no driver types. Ids are 24 lower-case hex digits, instants are
aware UTC datetimes with millisecond precision (what MongoDB keeps).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", str)
TodoId = NewType("TodoId", str)
TokenId = NewType("TokenId", str)

PAGE_SIZE = 1_000
TODO_QUOTA = 10_000


class CachedValue(StrEnum):
    """One cached value of one user."""

    USER = "user"
    TODOS = "todos"


@dataclass(frozen=True, slots=True)
class Account:
    """A user as every request sees one: the public profile and what decides which tokens count.

    A token counts when its generation equals ``token_generation`` and its id is not a key of
    ``revoked`` (token id -> expiry, seconds since the epoch). A generation rather than an instant,
    because a login that verified the old password while the new one was being stored must lose.
    """

    id: UserId
    name: str
    email: str
    created_at: datetime
    token_generation: int
    revoked: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What login compares against; never cached, never answered."""

    user_id: UserId
    password_hash: str
    token_generation: int


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account about to be registered."""

    name: str
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """A change of the account; ``None`` leaves a field as it is.

    ``end_tokens`` moves the account to the next token generation, which revokes every older
    token. ``if_password_hash`` makes the change conditional on the stored hash.
    """

    name: str | None = None
    email: str | None = None
    password_hash: str | None = None
    if_password_hash: str | None = None
    end_tokens: bool = False


@dataclass(frozen=True, slots=True)
class Todo:
    """A todo as it is answered; ``rev`` counts its writes, in commit order, from 1."""

    id: TodoId
    heading: str
    task: str
    completed: bool
    created_at: datetime
    updated_at: datetime
    completion_time: datetime | None
    reminder_sent: bool
    rev: int


@dataclass(frozen=True, slots=True)
class NewTodo:
    """A todo about to be created; the same ``idempotency_key`` twice creates it once."""

    heading: str
    task: str
    completion_time: datetime | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class TodoChange:
    """The fields to set (a subset of a todo's), and the ``rev`` that the caller insists on."""

    fields: Mapping[str, object]
    if_rev: int | None = None


@dataclass(frozen=True, slots=True)
class TodoPage:
    """Up to :data:`PAGE_SIZE` todos in creation order; more follow behind ``rest_after``."""

    todos: tuple[Todo, ...]
    rest_after: TodoId | None


@dataclass(frozen=True, slots=True)
class TodoList:
    """A page of a user's todos as response bytes; more follow behind ``rest_after``."""

    body: bytes
    rest_after: TodoId | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The values of one user that were asked for; ``account`` is ``None`` for nobody.

    ``outcomes`` tells of each how it was come by, in the words of :mod:`service.outcomes`.
    """

    account: Account | None = None
    todos: TodoList | None = None
    outcomes: Mapping[CachedValue, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class TodoSnapshot:
    """One todo of a user, as a :class:`Snapshot` has the list."""

    account: Account | None
    todo: Todo | None
    outcomes: Mapping[CachedValue, str] = field(default_factory=dict, compare=False)


def now() -> datetime:
    """Return the present instant, truncated to the millisecond that MongoDB keeps."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
