"""What the API takes and gives; every input is bounded and names its fields exactly."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StrictBool,
    StrictStr,
    StringConstraints,
    model_validator,
)

from service.domain import NewTodo

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


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegisterIn(_Input):
    """A new account."""

    name: Name
    email: Email
    password: NewPassword


class LoginIn(_Input):
    """A login attempt."""

    email: Email
    password: GivenPassword


class ProfileIn(_Input):
    """A change of the profile; a new password needs the present one."""

    name: Name | None = None
    email: Email | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


class TodoIn(_Input):
    """A new todo."""

    heading: Heading
    task: Task
    completion_time: Instant | None = None

    def to_new_todo(self, idempotency_key: str | None) -> NewTodo:
        """Return the domain's view of it."""
        return NewTodo(self.heading, self.task, self.completion_time, idempotency_key)


class TodoChangeIn(_Input):
    """The fields of a todo to change; those left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    heading: Heading = ""
    task: Task = ""
    completed: StrictBool = False
    completion_time: Instant | None = None
    reminder_sent: StrictBool = False

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("takes at least one field to change")
        return self


class AdminCacheIn(_Input):
    """The flag of the Redis layer."""

    enabled: StrictBool


class AccountOut(BaseModel):
    """A profile."""

    id: str
    name: str
    email: str
    created_at: datetime


class TokenOut(BaseModel):
    """A bearer token and its lifetime in seconds."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme's name
    expires_in: int


class Message(BaseModel):
    """A confirmation."""

    msg: str


class Problem(BaseModel):
    """The one shape of an error."""

    detail: str


# What a request with a body may get before a route sees it: not UTF-8, too large, not JSON, wrong.
UNREADABLE = (400, 413, 415, 422)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a route that may answer with these errors."""
    return {status: {"model": Problem} for status in statuses}


class AdminCacheOut(BaseModel):
    """The Redis layer as an operator sees it.

    ``state``, ``epoch`` (the namespace) and ``fences`` (how often the cache was closed, by reason)
    are those of the deployment; the rest is counted by the process that answers: the share of slot
    reads that were hits, why the others were not, and every outcome by slot.
    """

    state: str
    epoch: int
    fences: dict[str, int]
    hit_ratio: float | None
    not_hit: dict[str, int]
    counters: dict[str, int]


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """The process can serve; each dependency is ``ok``, ``down`` or ``not used``."""

    status: str
    dependencies: dict[str, str]
