"""What was asked, when, and what came back: all that the checker looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NO_ANSWER = 0
UNAUTHORIZED = 401
FIRST_SERVER_ERROR = 500

_NOTHING: Mapping[str, int] = MappingProxyType({})


class OperationKind(StrEnum):
    """What an operation does, one per route."""

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
    """How long a writer's mark lives at most: twice the database deadline."""
    one_address: bool = False
    """Whether a balancer chose the process: an operation's ``worker`` then says nothing."""
