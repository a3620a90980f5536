from benchmarks.coherence.probe.run import judge
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


UPDATED = created((0, 1)), updated((2, 3), 2)
UPDATING = created((0, 1)), updated((2, 9), 2)


def test_a_read_that_misses_an_acknowledged_write_is_counted_as_stale_and_named() -> None:
    found = judged(*UPDATED, listed((4, 5), {TODO: 1}))

    assert (found.reads, found.writes, found.stale, found.wrong) == (1, 2, 1, 1)
    assert "at version 1 although version 2 had been acknowledged before" in found.first
    # A revoked token that is accepted is a stale read too.
    assert judged(logged_out((0, 1)), profile((2, 3), 0)).stale == 1


def test_a_read_that_overlaps_the_write_may_show_either_but_not_go_backwards() -> None:
    hit = op(OperationKind.LIST, (5, 6), revisions={TODO: 2}, hit=True)
    fine = judged(*UPDATING, listed((3, 4), {TODO: 1}), hit)
    backwards = judged(*UPDATING, read((3, 4), 2), read((5, 6), 1))

    assert (fine.reads, fine.hits, fine.wrong, fine.first) == (2, 1, 0, "")
    assert (backwards.stale, backwards.backwards) == (0, 1)


def test_a_stale_read_is_named_before_one_that_went_backwards_earlier() -> None:
    found = judged(*UPDATING, read((3, 4), 2), read((5, 6), 1), read((10, 12), 1))

    assert (found.stale, found.backwards) == (1, 1)
    assert "had been acknowledged before" in found.first


def test_answers_of_500_and_none_at_all_are_errors_and_no_operations_are_nothing() -> None:
    lost = op(OperationKind.LIST, (4, 5), status=NO_ANSWER, outcome=Outcome.UNKNOWN)

    found, nothing = judged(unknown(OperationKind.UPDATE, (0, 1)), lost), judged()

    assert (found.errors, found.reads) == (2, 0)
    assert (nothing.reads, nothing.seconds, nothing.first) == (0, 0.0, "")
