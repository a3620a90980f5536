"""The report says what was found and claims no more than what was exercised."""

import pytest

from benchmarks.coherence.history import FaultRecord, OperationKind
from benchmarks.coherence.summary import Summary
from benchmarks.coherence.verify.faults import Fault
from benchmarks.coherence.verify.report import conclusion, lines
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    created,
    logged_out,
    op,
    profile,
    read,
    updated,
)
from tests.unit.benchmarks.coherence.test_summary import FLUSH, S, hits, summary


def test_a_clean_run_bounds_the_rate_and_says_what_was_not_exercised() -> None:
    clean = summary(*hits(300), op(OperationKind.LIST, (S, 2 * S)))

    assert clean.exit_code == 0
    assert conclusion(clean) == (
        "0 violations in 301 checked reads under 1 faults. 0 in n bounds the rate at 3/n (95 %, "
        "if reads were independent): at most 1 in 100 reads, 1 in 100 hits, for this load and "
        "these faults. Not exercised: redis killed, back empty, "
        + conclusion(clean).partition("redis killed, back empty, ")[2]
    )
    assert "redis flushed" not in conclusion(clean)
    assert conclusion(clean).endswith(
        "MongoDB faults, failover to a replica, clocks that run at different rates, "
        "more than one machine."
    )


@pytest.mark.parametrize(
    "empty",
    [
        summary(*hits(300), faults=()),
        summary(op(OperationKind.LIST, (S, 2 * S))),
        summary(),
    ],
    ids=["no faults", "no hits", "nothing at all"],
)
def test_a_run_without_faults_or_hits_proves_nothing(empty: Summary) -> None:
    assert empty.exit_code == 3
    assert conclusion(empty).startswith("Nothing is proven: ")


def test_violations_fail_the_run_and_the_first_is_told() -> None:
    broken = summary(created((0, S)), updated((2 * S, 3 * S), 2), read((4 * S, 6 * S), 1))

    assert (broken.exit_code, broken.stale, broken.violations) == (1, 1, 1)
    assert lines(broken)[-2] == (
        f"First violation after 6.0 s: GET /todo/{{id}} of user 0 at service process 0 showed "
        f"{TODO} at version 1 although version 2 had been acknowledged before."
    )
    assert lines(broken)[-1] == (
        "The promise is broken: 1 violations in 1 checked reads under 1 faults."
    )
    # A revoked token is counted apart.
    broken = summary(logged_out((0, S)), profile((2 * S, 3 * S), 0))
    assert (broken.stale, broken.revoked_accepted, broken.exit_code) == (0, 1, 1)


def test_a_balancer_that_left_a_replica_out_proves_nothing_of_it() -> None:
    seen = summary(*hits(9), given=(5, 4))

    assert seen.exit_code == 0
    assert lines(seen)[1] == "          2  replicas behind one address: 5, 4 turns"
    assert summary(*hits(9), given=(9, 0)).exit_code == 3


def test_faults_are_listed_by_kind_and_an_interrupted_run_is_called_so() -> None:
    hold = FaultRecord(kind=Fault.HOLD, started_ns=0, ended_ns=S)
    report = lines(summary(*hits(3), faults=(FLUSH, hold, hold), interrupted=True))

    assert report[0] == "cached: 1 s on SecantusDB 1 (interrupted)"
    assert report[3:6] == [
        "          3  faults",
        "          1  redis flushed",
        "          2  requests to redis delivered late",
    ]
