"""The bodies of requests and answers; every input is bounded and names its fields exactly."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, create_model, model_validator

from service.domain import TODO_FIELDS, Email, GivenPassword, Name, NewPassword, NewTodo


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _example(values: dict[str, Any], **more: Any) -> ConfigDict:
    """Return what shows these values in the documentation."""
    return ConfigDict(json_schema_extra={"examples": [values], **more})


class RegisterIn(_Input):
    """A new account."""

    model_config = _example(
        {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery staple"}
    )

    name: Name
    email: Email
    password: NewPassword


class LoginIn(_Input):
    """A login attempt."""

    model_config = _example(
        {"email": "ada@example.com", "password": "correct horse battery staple"}
    )

    email: Email
    password: GivenPassword


class ProfileIn(_Input):
    """A change of the profile; a new password or e-mail needs the present password."""

    name: Name | None = None
    email: Email | None = None
    password: NewPassword | None = None
    current_password: GivenPassword | None = None


_OF_NEW_TODO: dict[str, Any] = {
    name: (each.given, ... if each.required else each.default)
    for name, each in TODO_FIELDS.items()
    if each.when_new
}
# What is left out of a change stays as it is: there is no default to be shown.
_OF_TODO_CHANGE: dict[str, Any] = {
    name: (each.given, Field(default_factory=lambda: None))
    for name, each in TODO_FIELDS.items()
    if each.given is not None
}
_NewTodo: Any = create_model("_NewTodo", __base__=_Input, **_OF_NEW_TODO)
_TodoChange: Any = create_model("_TodoChange", __base__=_Input, **_OF_TODO_CHANGE)


class TodoIn(_NewTodo):  # type: ignore[misc]
    """A new todo."""

    model_config = _example({"heading": "Milk", "task": "Two litres"})

    def to_new_todo(self, idempotency_key: str | None) -> NewTodo:
        """Return the domain's view of it."""
        return NewTodo(self.model_dump(), idempotency_key)


class TodoChangeIn(_TodoChange):  # type: ignore[misc]
    """The fields of a todo to change; those left out stay as they are."""

    model_config = _example({"completed": True}, minProperties=1)

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

    model_config = ConfigDict(from_attributes=True)

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


# What a request with a body may get before a route sees it: not UTF-8, too large.
UNREADABLE = (400, 413)


_HEADERS = {
    "Cache-Status": "How each cached value was come by, in the words of RFC 9211.",
    "ETag": "The revision of the todo, which If-Match and If-None-Match take.",
    "Link": "Where the rest of the list is, if there is more of it.",
    "Retry-After": "After how many seconds to try again.",
}
_OF_PROBLEMS = {429: ("Retry-After",), 503: ("Retry-After",)}


def with_headers(*names: str) -> dict[str, Any]:
    """Return the OpenAPI description of these headers of an answer."""
    return {
        "headers": {
            name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names
        }
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a route that may answer with these errors."""
    return {
        status: {"model": Problem} | with_headers(*_OF_PROBLEMS.get(status, ()))
        for status in statuses
    }


class AdminCacheOut(BaseModel):
    """The Redis layer as an operator sees it.

    ``state``, ``epoch`` (the namespace) and ``fences`` (how often the cache was closed, by reason)
    are those of the deployment; ``counters`` are those of the process that answers: how often each
    cached value was answered in which way, in the words of ``Cache-Status``.
    """

    state: str
    epoch: int
    fences: dict[str, int]
    counters: dict[str, int]


class Health(BaseModel):
    """The process answers."""

    status: str


class Readiness(BaseModel):
    """The process can serve; each dependency is ``ok`` or ``down``."""

    status: str
    dependencies: dict[str, str]
