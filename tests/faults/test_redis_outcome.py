"""What is told of a fault, however few requests it met."""

from collections.abc import Sequence

import pytest

from benchmarks.coherence.verify.history import (
    FaultRecord,
    History,
    OperationKind,
    RecordedOperation,
)
from benchmarks.coherence.verify.history import Outcome as ClientOutcome
from benchmarks.coherence.verify.report import summarize
from tests.faults.redis_outcome import Outcome

MS = 1_000_000
FAULT = FaultRecord(kind="killed", started_ns=0, ended_ns=1_000 * MS)


def read(took_ms: int, kind: OperationKind = OperationKind.PROFILE) -> RecordedOperation:
    return RecordedOperation(
        kind=kind,
        user=0,
        invoked_ns=0,
        returned_ns=took_ms * MS,
        outcome=ClientOutcome.OK,
        number=0,
    )


def figures(operations: Sequence[RecordedOperation]) -> dict[str, object]:
    history = History(operations=operations, faults=[FAULT])
    outcome = Outcome(
        summary=summarize(history),
        workers=2,
        stale_for_canary=0,
        fault=FAULT,
        held_ns=(FAULT.started_ns, FAULT.ended_ns),
        operations=operations,
        fence_moves=0,
        counted={},
    )
    return outcome.figures()


@pytest.mark.parametrize(
    ("took_ms", "told"),
    [
        ([], "too few (0)"),
        ([7], "too few (1, slowest 7 ms)"),
        ([7] * 98 + [30], "too few (99, slowest 30 ms)"),
        ([7] * 150, "7 ms"),
    ],
)
def test_a_percentile_is_told_of_a_hundred_reads_and_more(took_ms: list[int], told: str) -> None:
    assert figures([read(each) for each in took_ms])["p99 of reads meanwhile"] == told


@pytest.mark.parametrize("operations", [[], [read(7)]])
def test_a_load_that_wrote_nothing_has_no_longest_write(
    operations: list[RecordedOperation],
) -> None:
    told = figures(operations)

    assert told["longest write"] == "no write"
    assert "hits again after" not in told


def test_the_longest_write_is_that_of_writes_alone() -> None:
    operations = [read(900), read(300, OperationKind.RENAME), read(20, OperationKind.RENAME)]

    assert figures(operations)["longest write"] == "0.30 s"
