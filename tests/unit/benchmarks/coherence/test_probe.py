from pathlib import Path

import pytest

from benchmarks.coherence import probe as module
from benchmarks.coherence.history import NO_ANSWER, History, OperationKind, Outcome
from benchmarks.coherence.probe import judge, probe
from benchmarks.stack.errors import StackError
from benchmarks.storage.records import Coherence
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    created,
    listed,
    logged_out,
    op,
    read,
    updated,
)
from tests.unit.benchmarks.fake_dependencies import Fakes
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.fake_service import FakeCeiling, ServiceFaults

SECONDS = 0.2


def test_what_is_wrong_is_counted_by_its_kind() -> None:
    history = [
        created((0, 1)),
        updated((2, 3), 2),
        listed((4, 5), {TODO: 1}),
        # A write under way may be seen or not, but what was seen stays.
        updated((10, 90), 3),
        op(OperationKind.ONE, (20, 30), todo=TODO, number=3, hit=True),
        read((40, 50), 2),
        # A revoked token that is accepted is a stale read too.
        logged_out((100, 110), token=2),
        op(OperationKind.PROFILE, (120, 130), token=2, number=0),
        op(OperationKind.LIST, (140, 150), status=NO_ANSWER, outcome=Outcome.UNKNOWN),
        op(OperationKind.LIST, (140, 150), status=503, outcome=Outcome.UNKNOWN),
    ]

    found = judge(History(operations=history), variant="naive")

    assert (found.reads, found.hits, found.writes, found.errors) == (4, 1, 4, 2)
    assert (found.stale, found.backwards, found.impossible, found.wrong) == (2, 1, 0, 3)
    assert judge(History(operations=[]), variant="naive").first == ""


def probed(
    folder: Path, faults: ServiceFaults | None = None, *, seconds: float = SECONDS
) -> Coherence:
    fakes = Fakes(folder=folder, faults=faults or ServiceFaults())
    with fakes.start_service(database="d", redis_url="redis://r:1/0") as service:
        return probe("cached", service.url, seconds=seconds, seed=1)


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
