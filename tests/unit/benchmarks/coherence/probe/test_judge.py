from benchmarks.coherence.probe.judge import judge
from benchmarks.coherence.verify.history import (
    NO_ANSWER,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.storage.records import Coherence
from tests.unit.benchmarks.coherence.verify.histories import (
    created,
    listed,
    logged_out,
    op,
    profile,
    read,
    unknown,
    updated,
)

TODO = "a" * 24


def judged(*operations: RecordedOperation) -> Coherence:
    return judge(History(operations=operations), variant="naive")


def test_a_read_that_misses_an_acknowledged_write_is_counted_as_stale_and_named() -> None:
    found = judged(created((0, 1)), updated((2, 3), 2), listed((4, 5), {TODO: 1}))

    assert (found.reads, found.writes, found.stale, found.wrong) == (1, 2, 1, 1)
    assert "at version 1 although version 2 had been acknowledged before" in found.first


def test_a_read_that_overlaps_the_write_may_show_either() -> None:
    found = judged(
        created((0, 1)),
        updated((2, 9), 2),
        listed((3, 4), {TODO: 1}),
        op(OperationKind.LIST, (5, 6), revisions={TODO: 2}, hit=True),
    )

    assert (found.reads, found.hits, found.wrong, found.first) == (2, 1, 0, "")


def test_a_read_older_than_an_earlier_read_goes_backwards() -> None:
    found = judged(created((0, 1)), updated((2, 9), 2), read((3, 4), 2), read((5, 6), 1))

    assert (found.stale, found.backwards) == (0, 1)


def test_a_revoked_token_that_is_accepted_is_a_stale_read() -> None:
    assert judged(logged_out((0, 1)), profile((2, 3), 0)).stale == 1


def test_a_stale_read_is_named_before_one_that_went_backwards_earlier() -> None:
    found = judged(
        created((0, 1)),
        updated((2, 20), 2),
        read((3, 4), 2),
        read((5, 6), 1),
        read((21, 22), 1),
    )

    assert (found.stale, found.backwards) == (1, 1)
    assert "had been acknowledged before" in found.first


def test_answers_of_500_and_none_at_all_are_errors() -> None:
    lost = op(OperationKind.LIST, (4, 5), status=NO_ANSWER, outcome=Outcome.UNKNOWN)

    found = judged(unknown(OperationKind.UPDATE, (0, 1)), lost)

    assert (found.errors, found.reads) == (2, 0)


def test_a_probe_without_operations_found_nothing() -> None:
    found = judged()

    assert (found.reads, found.seconds, found.first) == (0, 0.0, "")
