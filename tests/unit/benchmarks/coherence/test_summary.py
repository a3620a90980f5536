"""What a run of ``fivefold verify`` counts, says, and claims: no more than was exercised."""

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
from benchmarks.coherence.verify.run import conclusion, lines
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    created,
    deleted,
    logged_out,
    op,
    profile,
    read,
    refused,
    updated,
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


def test_a_clean_run_bounds_the_rate_and_says_what_was_not_exercised() -> None:
    clean = summary(*hits(300), op(OperationKind.LIST, (S, 2 * S)))

    assert clean.exit_code == 0
    said, _, missed = conclusion(clean).partition("Not exercised: ")
    assert said.startswith("0 violations in 301 checked reads under 1 faults.")
    assert "at most 1 in 100 reads, 1 in 100 hits" in said
    assert "redis killed, back empty" in missed
    assert "redis flushed" not in missed
    assert missed.endswith("more than one machine.")


@pytest.mark.parametrize(
    "empty",
    [
        summary(*hits(300), faults=()),
        summary(op(OperationKind.LIST, (S, 2 * S))),
        summary(),
        # A balancer left a replica out.
        summary(*hits(9), given=(9, 0)),
    ],
)
def test_a_run_without_faults_or_hits_or_a_replica_proves_nothing(empty: Summary) -> None:
    assert empty.exit_code == 3
    assert conclusion(empty).startswith("Nothing is proven: ")


def test_violations_fail_the_run_and_the_first_is_told() -> None:
    broken = summary(created((0, S)), updated((2 * S, 3 * S), 2), read((4 * S, 6 * S), 1))
    revoked = summary(logged_out((0, S)), profile((2 * S, 3 * S), 0))

    assert (broken.exit_code, broken.stale, broken.violations) == (1, 1, 1)
    assert lines(broken)[-2].startswith("First violation after 6.0 s: GET /todo/{id} of user 0")
    assert lines(broken)[-1].startswith("The promise is broken: 1 violations in 1 checked reads")
    # A revoked token is counted apart.
    assert (revoked.stale, revoked.revoked_accepted, revoked.exit_code) == (0, 1, 1)


def test_faults_are_listed_by_kind_replicas_by_turns_and_an_interruption_is_told() -> None:
    hold = FaultRecord(kind=Fault.HOLD, started_ns=0, ended_ns=S)
    run = summary(*hits(3), faults=(FLUSH, hold, hold), interrupted=True, given=(5, 4))

    assert run.exit_code == 0
    assert lines(run)[:2] == [
        "cached: 1 s on SecantusDB 1 (interrupted)",
        "          2  replicas behind one address: 5, 4 turns",
    ]
    assert lines(run)[4:7] == [
        "          3  faults",
        "          1  redis flushed",
        "          2  requests to redis delivered late",
    ]
