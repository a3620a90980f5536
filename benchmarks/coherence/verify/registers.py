"""Operations as reads and writes of registers whose versions only rise.

A todo is a register: its revision rises by one in the write that changes it, and its end is
``GONE``. The name in a profile is one: it carries a counter that its only writer raises. A token
is one: it counts (0) until it is ``GONE``. So "older" is a comparison of two numbers.
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.coherence.verify.history import (
    UNAUTHORIZED,
    OperationKind,
    Outcome,
    RecordedOperation,
)

GONE = sys.maxsize


@dataclass(frozen=True, slots=True)
class Observation:
    """What one read saw of a scope: the todos of a user, a profile, or a token.

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
    """What is known of a history before it is walked through: owners, writers, doubtful names."""

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

    def looks(self, operation: RecordedOperation) -> Iterator[Observation]:
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
