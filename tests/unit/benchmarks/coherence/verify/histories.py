"""Histories written by hand: one line per operation, instants in plain numbers."""

from benchmarks.coherence.verify.checker import Breach, Verdict, check
from benchmarks.coherence.verify.history import FaultRecord, History, Kind, Operation, Outcome

Span = tuple[int, int]
TODO = "a" * 24


def op(
    kind: Kind,
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
) -> Operation:
    """Return an operation that was invoked and returned at these instants."""
    return Operation(
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


def created(span: Span, todo: str = TODO, *, user: int = 0) -> Operation:
    return op(Kind.CREATE, span, status=201, todo=todo, number=1, user=user)


def updated(span: Span, rev: int, todo: str = TODO) -> Operation:
    return op(Kind.UPDATE, span, todo=todo, number=rev)


def deleted(span: Span, todo: str = TODO) -> Operation:
    return op(Kind.DELETE, span, todo=todo)


def listed(span: Span, revisions: dict[str, int] | None = None, *, user: int = 0) -> Operation:
    return op(Kind.LIST, span, revisions=revisions, user=user)


def read(span: Span, rev: int | None, todo: str = TODO) -> Operation:
    """Return a read of one todo; without a revision it was answered 404."""
    refused = rev is None
    return op(
        Kind.ONE,
        span,
        todo=todo,
        number=rev,
        status=404 if refused else 200,
        outcome=Outcome.FAILED if refused else Outcome.OK,
    )


def renamed(span: Span, counter: int, outcome: Outcome = Outcome.OK) -> Operation:
    return op(Kind.RENAME, span, number=counter, outcome=outcome, status=200)


def profile(span: Span, counter: int) -> Operation:
    return op(Kind.PROFILE, span, number=counter)


def logged_out(span: Span, token: int = 1, outcome: Outcome = Outcome.OK) -> Operation:
    return op(Kind.LOGOUT, span, token=token, outcome=outcome)


def refused(span: Span, token: int = 1) -> Operation:
    """Return a request whose token was refused."""
    return op(Kind.PROFILE, span, status=401, outcome=Outcome.FAILED, token=token)


def unknown(kind: Kind, span: Span, todo: str = TODO) -> Operation:
    """Return a write that was answered 503."""
    return op(kind, span, todo=todo, status=503, outcome=Outcome.UNKNOWN)


def verdict(*operations: Operation, faults: tuple[FaultRecord, ...] = ()) -> Verdict:
    """Check a history whose marks live for 100 instants."""
    return check(History(operations=operations, faults=faults, mark_s=100 / 1e9))


def breaches(*operations: Operation) -> list[Breach]:
    """Return what is wrong with a history."""
    return [finding.breach for finding in verdict(*operations).findings]
