"""Accounts, todos, and the changes that users make to them.

Values only: no I/O, no HTTP, no driver types. Ids are 24 lower-case hex digits, instants are
aware UTC datetimes with millisecond precision (what MongoDB keeps).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, NewType, get_type_hints

from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    StrictBool,
    StrictStr,
    StringConstraints,
)

FIRST_YEAR, LAST_YEAR = 1970, 2199
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _must_be_text(value: object) -> object:
    # Digits alone would be taken for seconds since 1970.
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("takes an ISO 8601 date and time")
    return value


def _in_utc(instant: datetime) -> datetime:
    """Return the instant in UTC, cut to the millisecond that MongoDB keeps.

    BSON stores dates that Python cannot read back, so the range is bounded here.
    """
    try:
        utc = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise ValueError(f"takes a date between {FIRST_YEAR} and {LAST_YEAR}")
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _lower(email: str) -> str:
    return email.lower()


Name = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(_lower)]
NewPassword = Annotated[StrictStr, Field(min_length=8, max_length=128)]
GivenPassword = Annotated[StrictStr, Field(max_length=128)]
Heading = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Task = Annotated[StrictStr, Field(max_length=10_000)]
Instant = Annotated[datetime, BeforeValidator(_must_be_text), AfterValidator(_in_utc)]

UserId = NewType("UserId", str)
TodoId = NewType("TodoId", str)
TokenId = NewType("TokenId", str)

PAGE_SIZE, PAGE_BYTES = 1_000, 1024 * 1024
REVOKED_QUOTA = 100
KNOWN_ADDRESSES, KNOWN_S = 10, 30 * 24 * 3600
TODO_QUOTA, TODO_BYTES_QUOTA = 10_000, 8 * 1024 * 1024
NOBODY = UserId("0" * 24)
"""The id of no account."""


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
    """The stored password and its account; never cached, never answered.

    ``known_addresses`` holds the keyed digests of those that logged in lately, and when (seconds
    since the epoch).
    """

    user_id: UserId
    password_hash: str
    token_generation: int
    known_addresses: Mapping[str, float] = field(default_factory=dict)


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


_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class TodoField:
    """The description of one field of a todo.

    ``default`` is what a new todo gets, and one has that was stored before there was the field.
    Clients set it with values of the type ``given``, a new todo's only where ``when_new`` says so;
    without one it is the service's.
    """

    default: Any = _REQUIRED
    given: Any = None
    when_new: bool = False

    @property
    def required(self) -> bool:
        """Tell whether every todo must have been given it."""
        return self.default is _REQUIRED


@dataclass(frozen=True, slots=True)
class Todo:
    """A todo as it is stored and answered; ``rev`` counts its writes, in commit order, from 1.

    This is the one description of a todo's fields: documents, cache entries and the bodies that
    clients send and get follow from it, by way of :data:`TODO_FIELDS`.
    """

    id: TodoId
    heading: Annotated[str, TodoField(given=Heading, when_new=True)]
    task: Annotated[str, TodoField(given=Task, when_new=True)]
    completed: Annotated[bool, TodoField(default=False, given=StrictBool)]
    created_at: datetime
    updated_at: datetime
    completion_time: Annotated[
        datetime | None, TodoField(default=None, given=Instant | None, when_new=True)
    ]
    reminder_sent: Annotated[bool, TodoField(default=False, given=StrictBool)]
    rev: Annotated[int, TodoField(default=0)]


TODO_FIELDS: Mapping[str, TodoField] = {
    name: next(iter(getattr(type_, "__metadata__", ())), TodoField())
    for name, type_ in get_type_hints(Todo, include_extras=True).items()
}


@dataclass(frozen=True, slots=True)
class NewTodo:
    """A todo about to be created, of what is given when it is new.

    The same ``idempotency_key`` twice creates it once, as long as what it made exists; ``digest``
    tells whether the second time asks for the same todo.
    """

    fields: Mapping[str, Any]
    idempotency_key: str | None = None

    @property
    def digest(self) -> str:
        """Return 32 hex digits that other fields would hardly have."""
        named = json.dumps(dict(self.fields), sort_keys=True, default=str)
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def created(self, todo_id: TodoId) -> Todo:
        """Return its first revision."""
        at = now()
        values = {name: each.default for name, each in TODO_FIELDS.items()} | dict(self.fields)
        return Todo(**values | {"id": todo_id, "created_at": at, "updated_at": at, "rev": 1})


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions that a change is for: one of ``wanted``, or any, and none of ``unwanted``."""

    wanted: AbstractSet[int] | None = None
    unwanted: AbstractSet[int] = frozenset()


ANY_REVISION = Revisions()


@dataclass(frozen=True, slots=True)
class TodoChange:
    """The fields to set (a subset of a todo's), and of which revisions."""

    fields: Mapping[str, object]
    revisions: Revisions = ANY_REVISION


@dataclass(frozen=True, slots=True)
class TodoPage:
    """Some todos in creation order; more follow behind ``rest_after``.

    That is up to :data:`PAGE_SIZE`, and no more than make :data:`PAGE_BYTES` as they are stored.
    """

    todos: tuple[Todo, ...]
    rest_after: TodoId | None


@dataclass(frozen=True, slots=True)
class TodoList:
    """A page of a user's todos as response bytes; more follow behind ``rest_after``."""

    body: bytes
    rest_after: TodoId | None


@dataclass(slots=True)  # frozen it takes three times as long to make, and every read makes one
class Snapshot:
    """The values of one user that were asked for; ``account`` is ``None`` without a user.

    ``outcomes`` tells of each how it was come by, in the words of :mod:`service.trace`.
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


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` requests in any ``window_s`` seconds."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision of a rate limiter.

    One more place is free in ``free_in_s``, whether the request was admitted or not. ``ticket``
    identifies one that was, so that its place can be given back.
    """

    rule: Rule
    admitted: bool
    remaining: int
    free_in_s: float = 0.0
    ticket: str = ""
