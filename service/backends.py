"""Everything a running service is made of, wired by ``service.bootstrap`` or by a test."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from service.accounts import Accounts
from service.attempts import Attempts
from service.metrics import Metrics
from service.ports import CacheControl, Repository, Todos
from service.security import Tokens

Probe = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Backends:
    """The collaborators of the routes.

    ``needed`` and ``helpful`` hold a probe per dependency, which returns or raises: the service
    is ready when every needed one answers.
    """

    repository: Repository
    todos: Todos
    accounts: Accounts
    tokens: Tokens
    attempts: Attempts
    cache_control: CacheControl
    metrics: Metrics
    needed: Mapping[str, Probe] = field(default_factory=dict)
    helpful: Mapping[str, Probe] = field(default_factory=dict)


class HasBackends(Protocol):
    """An application that was started."""

    backends: Backends
