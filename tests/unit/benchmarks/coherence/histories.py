"""Histories written by hand: one line per operation, instants in plain numbers."""

from typing import Any

from benchmarks.coherence.checker import Breach, Violation, check
from benchmarks.coherence.history import (
    FaultRecord,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)

Span = tuple[int, int]
TODO = "a" * 24


def op(kind: OperationKind, span: Span, **about: Any) -> RecordedOperation:
    """Return an operation of user 0 that was invoked and returned at these instants."""
    usual = {"user": 0, "token": 1, "outcome": Outcome.OK}
    return RecordedOperation(
        kind=kind, invoked_ns=span[0], returned_ns=span[1], **{**usual, **about}
    )


def created(span: Span, todo: str = TODO, *, user: int = 0) -> RecordedOperation:
    return op(OperationKind.CREATE, span, status=201, todo=todo, number=1, user=user)


def updated(span: Span, rev: int, todo: str = TODO) -> RecordedOperation:
    return op(OperationKind.UPDATE, span, todo=todo, number=rev)


def deleted(span: Span, todo: str = TODO) -> RecordedOperation:
    return op(OperationKind.DELETE, span, todo=todo)


def listed(
    span: Span, revisions: dict[str, int] | None = None, *, user: int = 0
) -> RecordedOperation:
    return op(OperationKind.LIST, span, revisions=revisions or {}, user=user)


def read(span: Span, rev: int | None, todo: str = TODO) -> RecordedOperation:
    """Return a read of one todo; without a revision it was answered 404."""
    refused = rev is None
    return op(
        OperationKind.ONE,
        span,
        todo=todo,
        number=rev,
        status=404 if refused else 200,
        outcome=Outcome.FAILED if refused else Outcome.OK,
    )


def renamed(span: Span, counter: int, outcome: Outcome = Outcome.OK) -> RecordedOperation:
    return op(OperationKind.RENAME, span, number=counter, outcome=outcome)


def profile(span: Span, counter: int) -> RecordedOperation:
    return op(OperationKind.PROFILE, span, number=counter)


def logged_out(span: Span, token: int = 1, outcome: Outcome = Outcome.OK) -> RecordedOperation:
    return op(OperationKind.LOGOUT, span, token=token, outcome=outcome)


def refused(span: Span, token: int = 1) -> RecordedOperation:
    """Return a request whose token was refused."""
    return op(OperationKind.PROFILE, span, status=401, outcome=Outcome.FAILED, token=token)


def unknown(kind: OperationKind, span: Span, todo: str = TODO) -> RecordedOperation:
    """Return a write that was answered 503."""
    return op(kind, span, todo=todo, status=503, outcome=Outcome.UNKNOWN)


def found(
    *operations: RecordedOperation, faults: tuple[FaultRecord, ...] = ()
) -> tuple[Violation, ...]:
    """Check a history whose marks live for 100 instants."""
    return check(History(operations=operations, faults=faults, mark_s=100 / 1e9))


def breaches(*operations: RecordedOperation) -> list[Breach]:
    """Return what is wrong with a history."""
    return [finding.breach for finding in found(*operations)]
