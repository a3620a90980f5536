"""The shape of a scenario."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Primed = Literal["never", "session", "request"]
"""When an unrecorded read fills the cache: never, or before each session or measured request."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the service."""

    method: str
    path: str
    body: bytes = b""


READ_LIST = Ask("GET", "/todo/")


def read_list(_todo_ids: Sequence[str]) -> Ask:
    """Ask for the todo list."""
    return READ_LIST


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Sequential requests of one user; every block starts with an empty cache.

    ``requests`` is how many of them a session measures, and ``ask`` makes them from the ids of
    the user's todos. With ``changes`` they are writes, and every user needs a todo.
    """

    name: str
    purpose: str
    requests: int
    ask: Callable[[Sequence[str]], Ask] = read_list
    primed: Primed = "never"
    changes: bool = False
