from pathlib import Path

import pytest

from benchmarks.coherence import probe as module
from benchmarks.coherence.history import (
    NO_ANSWER,
    History,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.probe import judge, probe
from benchmarks.stack.errors import StackError
from benchmarks.storage.records import Coherence
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    created,
    listed,
    logged_out,
    op,
    profile,
    read,
    unknown,
    updated,
)
from tests.unit.benchmarks.fake_dependencies import Fakes
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.fake_service import FakeCeiling, ServiceFaults

SECONDS = 0.2
UPDATED = created((0, 1)), updated((2, 3), 2)
UPDATING = created((0, 1)), updated((2, 9), 2)


def judged(*operations: RecordedOperation) -> Coherence:
    return judge(History(operations=operations), variant="naive")


def test_a_wrong_read_is_counted_by_what_is_wrong_with_it() -> None:
    stale = judged(*UPDATED, listed((4, 5), {TODO: 1}))
    hit = op(OperationKind.LIST, (5, 6), revisions={TODO: 2}, hit=True)
    # A read that overlaps the write may show either, but not go backwards.
    fine = judged(*UPDATING, listed((3, 4), {TODO: 1}), hit)
    backwards = judged(*UPDATING, read((3, 4), 2), read((5, 6), 1))

    assert (stale.reads, stale.writes, stale.stale, stale.wrong) == (1, 2, 1, 1)
    # A revoked token that is accepted is a stale read too.
    assert judged(logged_out((0, 1)), profile((2, 3), 0)).stale == 1
    assert (fine.reads, fine.hits, fine.wrong, fine.first) == (2, 1, 0, "")
    assert (backwards.stale, backwards.backwards) == (0, 1)


def test_answers_of_500_and_none_at_all_are_errors_and_no_operations_are_nothing() -> None:
    lost = op(OperationKind.LIST, (4, 5), status=NO_ANSWER, outcome=Outcome.UNKNOWN)

    found, nothing = judged(unknown(OperationKind.UPDATE, (0, 1)), lost), judged()

    assert (found.errors, found.reads) == (2, 0)
    assert (nothing.reads, nothing.seconds, nothing.first) == (0, 0.0, "")


def probed(
    folder: Path, faults: ServiceFaults | None = None, *, seconds: float = SECONDS
) -> Coherence:
    fakes = Fakes(folder=folder, faults=faults or ServiceFaults())
    with fakes.start_service(database="d", redis_url="redis://r:1/0") as service:
        return probe("cached", service.url, seconds=seconds, seed=1)


def test_a_service_that_answers_right_has_no_wrong_read_and_one_that_never_invalidates_is_caught(
    tmp_path: Path,
) -> None:
    right, wrong = probed(tmp_path), probed(tmp_path, ServiceFaults(never_invalidates=True))

    assert right.wrong == right.errors == 0
    assert right.variant == "cached"
    assert min(right.reads, right.hits, right.writes) > 0
    assert wrong.stale > 0
    assert wrong.first


def test_a_probe_ends_early_after_as_many_operations_as_it_may_store_and_waits_for_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_OPERATIONS", 5)
    assert probed(tmp_path, seconds=60).seconds < 30

    monkeypatch.setattr(module, "MOST_OPERATIONS", 10**9)
    monkeypatch.setattr(module, "LEAST_WRITES", 10**9)
    monkeypatch.setattr(module, "LONGEST", 3)
    assert probed(tmp_path).seconds > 2 * SECONDS


def test_a_variant_that_lets_nobody_register_or_log_in_was_not_checked(tmp_path: Path) -> None:
    with (
        listening(handler_for(FakeCeiling(lambda _: None))) as service,
        pytest.raises(StackError, match="registers no user"),
    ):
        probe("static", service.url, seconds=SECONDS, seed=1)
    assert probed(tmp_path, ServiceFaults(login_status=503)).reads == 0
