"""Histories written by hand: one line per operation, instants in plain numbers."""

from benchmarks.coherence.checker import Breach, HistoryVerdict, check
from benchmarks.coherence.history import (
    FaultRecord,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)

Span = tuple[int, int]
TODO = "a" * 24


def op(
    kind: OperationKind,
    span: Span,
    *,
    status: int = 200,
    outcome: Outcome = Outcome.OK,
    user: int = 0,
    token: int = 1,
    todo: str = "",
    number: int | None = None,
    revisions: dict[str, int] | None = None,
    worker: int = 0,
    hit: bool = False,
) -> RecordedOperation:
    """Return an operation that was invoked and returned at these instants."""
    return RecordedOperation(
        kind=kind,
        user=user,
        invoked_ns=span[0],
        returned_ns=span[1],
        outcome=outcome,
        status=status,
        token=token,
        todo=todo,
        number=number,
        revisions=revisions or {},
        worker=worker,
        hit=hit,
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
    return op(OperationKind.LIST, span, revisions=revisions, user=user)


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
    return op(OperationKind.RENAME, span, number=counter, outcome=outcome, status=200)


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


def verdict(*operations: RecordedOperation, faults: tuple[FaultRecord, ...] = ()) -> HistoryVerdict:
    """Check a history whose marks live for 100 instants."""
    return check(History(operations=operations, faults=faults, mark_s=100 / 1e9))


def breaches(*operations: RecordedOperation) -> list[Breach]:
    """Return what is wrong with a history."""
    return [finding.breach for finding in verdict(*operations).findings]
