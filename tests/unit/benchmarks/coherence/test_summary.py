"""A summary counts what is wrong, and whose fault it was, and says the first of it."""

from typing import Any

import pytest

from benchmarks.coherence.history import (
    FaultRecord,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.summary import Summary, summarize
from benchmarks.coherence.verify.faults import Fault
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    created,
    deleted,
    logged_out,
    op,
    profile,
    read,
    refused,
)

S = 1_000_000_000
FLUSH = FaultRecord(kind=Fault.FLUSH, started_ns=0, ended_ns=S, loses_marks=True)


def summary(
    *operations: RecordedOperation, faults: tuple[FaultRecord, ...] = (FLUSH,), **run: Any
) -> Summary:
    return summarize(
        History(operations=operations, faults=faults, database="SecantusDB 1", **run),
        variant="cached",
    )


def hits(count: int) -> list[RecordedOperation]:
    return [op(OperationKind.LIST, (S, 2 * S), hit=True) for _ in range(count)]


def failure(worker: int, span: tuple[int, int]) -> RecordedOperation:
    return op(OperationKind.LIST, span, status=503, outcome=Outcome.UNKNOWN, worker=worker)


STOPPED = FaultRecord(
    kind=Fault.WORKER_STOP, started_ns=10 * S, ended_ns=12 * S, worker=1, stops_worker=True
)
MEANWHILE, AFTERMATH, LATER = (11 * S, 12 * S), (13 * S, 14 * S), (15 * S, 16 * S)


def test_errors_count_unless_their_process_was_stopped_itself() -> None:
    faults = (FLUSH, STOPPED)
    tolerated = summary(*hits(9), failure(1, MEANWHILE), failure(1, AFTERMATH), faults=faults)
    counted = summary(*hits(9), failure(0, MEANWHILE), failure(1, LATER), faults=faults)

    assert (tolerated.errors, tolerated.errors_of_stopped, tolerated.exit_code) == (0, 2, 0)
    assert (counted.errors, counted.errors_of_stopped, counted.exit_code) == (2, 0, 1)
    # Requests without an answer are no errors.
    lost = op(OperationKind.LIST, (S, 2 * S), status=0, outcome=Outcome.UNKNOWN)
    assert (summary(*hits(9), lost).unanswered, summary(*hits(9), lost).errors) == (1, 0)


def test_behind_one_address_any_stopped_process_may_have_been_the_one_that_failed() -> None:
    operations = [*hits(9), failure(0, MEANWHILE), failure(0, LATER)]
    found = summary(*operations, faults=(FLUSH, STOPPED), given=(1, 1))
    stale = summary(created((0, S)), read((2 * S, 3 * S), None), given=(1, 1))

    assert (found.errors, found.errors_of_stopped) == (1, 1)
    assert "at some replica" in stale.first_violation


@pytest.mark.parametrize(
    ("operations", "sentence"),
    [
        (
            (created((0, 10)), deleted((20, 30)), read((40, 50), 1)),
            f"showed {TODO} at version 1 although its deletion had been acknowledged before",
        ),
        (
            (created((0, 10)), read((40, 50), None)),
            f"did not show {TODO} although version 1 had been acknowledged before",
        ),
        (
            (created((0, 90)), read((10, 20), 1), read((40, 50), None)),
            f"did not show {TODO} although another request had been shown version 1 before",
        ),
        ((logged_out((0, 10)), profile((20, 30), 0)), "accepted token 1 after its logout"),
        ((refused((20, 30)),), "refused token 1, which had not been logged out"),
        ((profile((20, 30), -1),), "showed data of another user (profile of 0)"),
    ],
)
def test_a_finding_reads_as_a_sentence(
    operations: tuple[RecordedOperation, ...], sentence: str
) -> None:
    found = summary(*operations, faults=()).first_violation

    assert found.endswith(f" at service process 0 {sentence}")
