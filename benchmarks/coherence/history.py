"""The history of requests and answers, and the same as reads and writes of registers.

A todo is a register whose versions only rise: its revision rises by one in the write that changes
it, and its end is ``GONE``. The name in a profile is one: it carries a counter that its only
writer raises. A token is one: it counts (0) until it is ``GONE``. So "older" is a comparison of
two numbers.
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Self

NO_ANSWER = 0
UNAUTHORIZED = 401
FIRST_SERVER_ERROR = 500

_NOTHING: Mapping[str, int] = MappingProxyType({})


class OperationKind(StrEnum):
    """The kinds of operations, one per route."""

    LIST = "GET /todo/"
    ONE = "GET /todo/{id}"
    PROFILE = "GET /auth/me"
    CREATE = "POST /todo/"
    UPDATE = "PUT /todo/{id}"
    DELETE = "DELETE /todo/{id}"
    RENAME = "PATCH /auth/me"
    LOGOUT = "POST /auth/logout"


READS = frozenset({OperationKind.LIST, OperationKind.ONE, OperationKind.PROFILE})


class Outcome(StrEnum):
    """Whether an operation took effect, as its client knows it."""

    OK = "ok"
    FAILED = "failed"
    """It was refused: it had no effect and never will."""
    UNKNOWN = "unknown"
    """No answer, or an answer that promises nothing: it may take effect at any later time."""

    @classmethod
    def of(cls, status: int) -> Self:
        """Return what the status of an answer says, ``NO_ANSWER`` for none."""
        if status in {200, 201}:
            return cls.OK
        return cls.FAILED if NO_ANSWER < status < FIRST_SERVER_ERROR else cls.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOperation:
    """One request. Instants are nanoseconds of one monotonic clock of the clients' machine."""

    kind: OperationKind
    user: int
    invoked_ns: int
    """Just before the request was sent."""
    returned_ns: int
    """After the last byte of the answer, or when the client gave up."""
    outcome: Outcome
    status: int = 200
    token: int = 0
    """Which of the tokens it carried; each login gives a new number."""
    todo: str = ""
    """The id of the one todo it is about."""
    number: int | None = None
    """The revision or, for the profile, the counter in the name that it read or wrote."""
    revisions: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    """Of a list: the revision of every todo in it."""
    worker: int = 0
    """Which service process it was sent to."""
    hit: bool = False
    """Whether the service said that every slot came from the cache."""

    @property
    def answered(self) -> bool:
        """Tell whether the service gave an answer that says something."""
        return NO_ANSWER < self.status < FIRST_SERVER_ERROR

    @property
    def is_read(self) -> bool:
        """Tell whether it only reads."""
        return self.kind in READS


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRecord:
    """A fault as it happened; ``worker`` is set when it struck one service process only."""

    kind: str
    started_ns: int
    ended_ns: int
    worker: int | None = None
    loses_marks: bool = False
    """Whether Redis may have lost what a writer had marked (residual risk R1)."""
    stops_worker: bool = False
    """Whether that service process itself was stopped or killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A whole run, in no particular order."""

    operations: Sequence[RecordedOperation]
    faults: Sequence[FaultRecord] = ()
    mark_s: float = 10.0
    """Seconds that a writer's mark lives at most: twice the database deadline."""
    database: str = ""
    interrupted: bool = False
    given: Sequence[int] = ()
    """How often a balancer chose each service process, if one did: ``worker`` then says nothing."""


GONE = sys.maxsize


@dataclass(frozen=True, slots=True)
class Observation:
    """One read of a scope: the todos of a user, a profile, or a token.

    ``asked`` names registers that the read would have shown; with ``whole`` these are all of the
    scope. Of a register that is asked for and not seen nothing more is known than that it was
    not there: not yet, or no longer.
    """

    scope: str
    seen: Mapping[str, int]
    asked: Collection[str] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """The version that a write gave to a register."""

    scope: str
    register: str
    version: int


class Facts:
    """The index of a history: owners, writers, doubtful names."""

    def __init__(self, operations: Iterable[RecordedOperation]) -> None:
        self.owners: dict[str, int] = {}
        self.writers: dict[tuple[str, int], RecordedOperation] = {}
        self._doubtful: set[tuple[int, int | None]] = set()
        for operation in operations:
            if operation.kind is OperationKind.RENAME and operation.outcome is Outcome.UNKNOWN:
                self._doubtful.add((operation.user, operation.number))
            write = written(operation)
            if write is None:
                continue
            if operation.kind is OperationKind.CREATE:
                self.owners[write.register] = operation.user
            self.writers.setdefault((write.register, write.version), operation)

    def observations(self, operation: RecordedOperation) -> Iterator[Observation]:
        """Yield what an answered operation saw; each one also saw whether its token counts."""
        refused = operation.status == UNAUTHORIZED
        token = token_register(operation)
        yield Observation(token, {token: GONE if refused else 0})
        if refused:
            return
        user = operation.user
        match operation.kind:
            case OperationKind.LIST:
                yield Observation(_todos(user), operation.revisions, whole=True)
            case OperationKind.ONE:
                number = operation.number
                seen = {} if number is None else {operation.todo: number}
                yield Observation(_todos(user), seen, asked=(operation.todo,))
            case OperationKind.PROFILE if (user, operation.number) not in self._doubtful:
                # A rename that was never acknowledged may land at any time, so its counter says
                # nothing of when it was read.
                yield Observation(_profile(user), {_profile(user): operation.number or 0})


def written(operation: RecordedOperation) -> Write | None:
    """Return what an acknowledged write wrote."""
    if operation.outcome is not Outcome.OK:
        return None
    user, number = operation.user, operation.number or 0
    match operation.kind:
        case OperationKind.CREATE | OperationKind.UPDATE:
            return Write(_todos(user), operation.todo, number)
        case OperationKind.DELETE:
            return Write(_todos(user), operation.todo, GONE)
        case OperationKind.RENAME:
            return Write(_profile(user), _profile(user), number)
        case OperationKind.LOGOUT:
            return Write(token_register(operation), token_register(operation), GONE)
    return None


def ends(operation: RecordedOperation) -> str | None:
    """Return the register that this operation ends, or may end."""
    if operation.outcome is not Outcome.FAILED:
        if operation.kind is OperationKind.DELETE:
            return operation.todo
        if operation.kind is OperationKind.LOGOUT:
            return token_register(operation)
    return None


def is_token(register: str) -> bool:
    """Tell whether a register is a token."""
    return register.startswith("token ")


def token_register(operation: RecordedOperation) -> str:
    """Return the register of the token that an operation carried."""
    return f"token {operation.token}"


def _todos(user: int) -> str:
    return f"todos of {user}"


def _profile(user: int) -> str:
    return f"profile of {user}"
