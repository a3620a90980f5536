"""What is shown of a fault, and the page that a run of the matrix writes."""

from collections.abc import Sequence

import pytest

from benchmarks.coherence.history import (
    FaultRecord,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.summary import summarize
from tests.faults.page import Row, render
from tests.faults.redis_outcome import FaultOutcome

ROWS = [
    Row("Redis", "killed", "kill -9", "no stale read", "stale 0, longest write 1.1 s", "passed"),
    Row("Redis", "killed", "kill | -9", "no stale read", "stale 3", "failed"),
]
MS = 1_000_000
FAULT = FaultRecord(kind="killed", started_ns=0, ended_ns=1_000 * MS)


def test_a_row_shows_what_was_measured_and_says_so_where_it_failed() -> None:
    page = render(ROWS, command="pytest tests/faults", environment="Measured today.")

    assert "## Redis" in page
    assert "| killed | kill -9 | no stale read | stale 0, longest write 1.1 s |" in page
    assert "    pytest tests/faults\n" in page
    assert "Measured today." in page
    assert r"| killed | kill \| -9 | no stale read | **failed** stale 3 |" in page


def read(took_ms: int, kind: OperationKind = OperationKind.PROFILE) -> RecordedOperation:
    return RecordedOperation(
        kind=kind, user=0, invoked_ns=0, returned_ns=took_ms * MS, outcome=Outcome.OK, number=0
    )


def figures(operations: Sequence[RecordedOperation]) -> dict[str, object]:
    history = History(operations=operations, faults=[FAULT])
    outcome = FaultOutcome(
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
    ("took_ms", "shown"),
    [
        ([], "too few (0)"),
        ([7], "too few (1, slowest 7 ms)"),
        ([7] * 98 + [30], "too few (99, slowest 30 ms)"),
        ([7] * 150, "7 ms"),
    ],
)
def test_a_percentile_is_told_of_a_hundred_reads_and_more(took_ms: list[int], shown: str) -> None:
    assert figures([read(each) for each in took_ms])["p99 of reads meanwhile"] == shown


@pytest.mark.parametrize("operations", [[], [read(7)]])
def test_a_load_that_wrote_nothing_has_no_longest_write(
    operations: list[RecordedOperation],
) -> None:
    shown = figures(operations)

    assert shown["longest write"] == "no write"
    assert "hits again after" not in shown


def test_the_longest_write_is_that_of_writes_alone() -> None:
    operations = [read(900), read(300, OperationKind.RENAME), read(20, OperationKind.RENAME)]

    assert figures(operations)["longest write"] == "0.30 s"
