"""The checker flags what no correct service could answer, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.coherence.checker import Breach
from benchmarks.coherence.clients import User
from benchmarks.coherence.history import (
    GONE,
    FaultRecord,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from tests.unit.benchmarks.coherence.histories import (
    TODO,
    breaches,
    created,
    deleted,
    found,
    listed,
    logged_out,
    op,
    profile,
    read,
    refused,
    renamed,
    unknown,
    updated,
)

OTHER = "b" * 24
FINE: list[Breach] = []
STALE, BACKWARDS, IMPOSSIBLE = [Breach.STALE], [Breach.BACKWARDS], [Breach.IMPOSSIBLE]
ONE, TWO = {TODO: 1}, {TODO: 2}
UPDATED = created((0, 10)), updated((20, 30), 2)
UPDATING = created((0, 10)), updated((20, 90), 2)
DELETED = created((0, 10)), deleted((20, 30))
DELETING = created((0, 10)), deleted((20, 90))
RACING = created((0, 90)), deleted((5, 95))
REFUSED = op(OperationKind.DELETE, (20, 30), todo=TODO, status=412, outcome=Outcome.FAILED)
LATE = renamed((0, 10), 1, Outcome.UNKNOWN), renamed((20, 30), 2)
UNSURE = (
    created((0, 10)),
    unknown(OperationKind.UPDATE, (20, 30)),
    unknown(OperationKind.DELETE, (20, 30)),
)
UNSURE_CREATION = unknown(OperationKind.CREATE, (0, 10), "")
UNSURE_UPDATE = created((0, 10)), unknown(OperationKind.UPDATE, (20, 30)), updated((40, 50), 3)
UNSURE_LOGOUT = logged_out((0, 10), outcome=Outcome.UNKNOWN)
HISTORIES: dict[str, list[tuple[Sequence[RecordedOperation], list[Breach]]]] = {
    "an acknowledged update must be shown": [
        ((*UPDATED, listed((40, 50), TWO)), FINE),
        ((*UPDATED, listed((40, 50), ONE)), STALE),
        ((*UPDATED, read((40, 50), 2)), FINE),
        ((*UPDATED, read((40, 50), 1)), STALE),
    ],
    "more than what is acknowledged may be shown": [((*UPDATING, listed((30, 40), TWO)), FINE)],
    "a read that overlaps the write may show either": [
        ((created((0, 10)), updated((20, 40), 2), listed((30, 50), ONE)), FINE),
        ((created((0, 10)), updated((20, 40), 2), listed((30, 50), TWO)), FINE),
    ],
    "what happens in the same instant is concurrent": [
        ((*UPDATED, listed((30, 40), ONE)), FINE),
        ((*DELETED, listed((30, 40), ONE)), FINE),
    ],
    "a created todo must be there": [
        ((created((0, 10)), listed((20, 30))), STALE),
        ((created((0, 10)), read((20, 30), None)), STALE),
        ((created((0, 10)), listed((5, 30))), FINE),
    ],
    "a todo may be missing from when its deletion was asked for": [
        ((created((0, 10)), deleted((25, 60)), listed((20, 30))), FINE),
        ((created((0, 10)), deleted((35, 60)), listed((20, 30))), STALE),
    ],
    "a deleted todo must be gone": [
        ((*DELETED, listed((40, 50))), FINE),
        ((*DELETED, listed((40, 50), ONE)), STALE),
        ((*DELETED, read((40, 50), 1)), STALE),
        ((*DELETED, listed((25, 50), ONE)), FINE),
    ],
    "a refused deletion excuses nothing": [
        ((created((0, 10)), REFUSED, listed((40, 50))), STALE),
    ],
    "an unknown write may be seen or not, for ever": [
        ((*UNSURE, listed((900, 950), ONE)), FINE),
        ((*UNSURE, listed((900, 950), TWO)), FINE),
        ((*UNSURE, listed((900, 950))), FINE),
        ((UNSURE_CREATION, listed((20, 30))), FINE),
        ((UNSURE_CREATION, listed((20, 30), ONE)), FINE),
    ],
    "an update after an unknown one is known by its revision": [
        ((*UNSURE_UPDATE, listed((60, 70), {TODO: 3})), FINE),
        ((*UNSURE_UPDATE, listed((60, 70), TWO)), STALE),
    ],
    "two reads must not go backwards while a write is in flight": [
        ((*UPDATING, read((30, 40), 2), read((50, 60), 2)), FINE),
        ((*UPDATING, read((30, 40), 2), read((50, 60), 1)), BACKWARDS),
        ((*UPDATING, read((30, 40), 2), listed((35, 60), ONE)), FINE),
    ],
    "a todo that a read missed for good must not come back": [
        ((*DELETING, listed((30, 40)), listed((50, 60), ONE)), BACKWARDS),
    ],
    "a todo that nobody had seen yet may be missing and then appear": [
        ((*RACING, listed((10, 20)), listed((30, 40), ONE)), FINE),
        ((*RACING, read((10, 20), None), read((30, 40), 1)), FINE),
    ],
    "a todo that a read showed must not vanish": [
        ((created((20, 90)), listed((30, 40), ONE), listed((50, 60))), BACKWARDS),
        ((created((20, 90)), listed((30, 40)), listed((50, 60), ONE)), FINE),
    ],
    "a read that is stale in two todos counts once": [
        ((created((0, 10)), created((0, 10), OTHER), listed((20, 30))), STALE),
    ],
    "users do not mix": [
        ((created((0, 10), user=1), listed((20, 30), user=0)), FINE),
        ((created((0, 10), user=1), listed((20, 30), ONE, user=0)), IMPOSSIBLE),
    ],
    "a profile must show the newest name": [
        ((renamed((0, 10), 1), renamed((20, 30), 2), profile((40, 50), 2)), FINE),
        ((renamed((0, 10), 1), renamed((20, 30), 2), profile((40, 50), 1)), STALE),
        ((profile((40, 50), -1),), IMPOSSIBLE),
    ],
    "an unknown name may land late": [
        ((*LATE, profile((40, 50), 1), profile((60, 70), 2)), FINE),
        ((*LATE, profile((40, 50), 0)), STALE),
    ],
    "a token is refused once its logout is acknowledged, and not before": [
        ((logged_out((0, 10)), refused((20, 30))), FINE),
        ((logged_out((0, 10)), profile((20, 30), 0)), STALE),
        ((logged_out((0, 10)), profile((5, 30), 0)), FINE),
        ((logged_out((0, 10), token=2), profile((20, 30), 0)), FINE),
        ((UNSURE_LOGOUT, profile((20, 30), 0), refused((40, 50))), FINE),
        ((refused((0, 10)),), IMPOSSIBLE),
    ],
    # The two examples of Porcupine: put() overlaps get() of the new value and, inside that or
    # after it, get() of the old one.
    "porcupine's first example is linearizable and its second is not": [
        ((created((0, 1)), updated((10, 60), 2), read((20, 50), 2), read((30, 40), 1)), FINE),
        ((created((0, 1)), updated((10, 60), 2), read((20, 30), 2), read((40, 50), 1)), BACKWARDS),
    ],
}


@pytest.mark.parametrize("rule", HISTORIES)
def test_what_is_wrong_with_a_history_follows_from_the_rule(rule: str) -> None:
    for history, wrong in HISTORIES[rule]:
        assert breaches(*history) == wrong, history


def test_an_answer_that_says_nothing_is_not_judged() -> None:
    failed = op(OperationKind.LIST, (20, 30), status=503, outcome=Outcome.UNKNOWN)

    assert found(created((0, 10)), failed, replace(failed, status=0)) == ()


def test_a_finding_names_what_was_shown_and_what_had_to_be() -> None:
    [finding] = found(*DELETED, read((40, 50), 1))
    [revoked] = found(logged_out((0, 10)), created((20, 30)))

    assert (finding.register, finding.version, finding.floor) == (TODO, 1, GONE)
    # A write with a revoked token is a violation too.
    assert revoked.is_revoked_token


def test_backwards_reads_of_a_write_whose_mark_was_lost_are_excused_by_r1() -> None:
    history = (*UPDATING, read((30, 40), 2), read((50, 60), 1))
    flushed = FaultRecord(kind="flush", started_ns=25, ended_ns=25, loses_marks=True)
    stopped = replace(flushed, loses_marks=False)
    too_late = replace(flushed, started_ns=95, ended_ns=95)

    assert found(*history, faults=(flushed,)) == ()
    assert len(found(*history, faults=(stopped, too_late))) == 1
    # Nothing excuses a stale read.
    always = replace(flushed, started_ns=0, ended_ns=99)
    stale = found(*UPDATED, read((40, 50), 1), faults=(always,))
    assert [each.breach for each in stale] == STALE


@pytest.mark.parametrize(
    "history",
    [
        # By R1: the write outlived its mark.
        (created((0, 10)), updated((20, 130), 2), read((30, 40), 2), read((50, 60), 1)),
        # By R2: nobody acknowledged the write, or the logout.
        (
            created((0, 10)),
            unknown(OperationKind.UPDATE, (20, 30)),
            read((40, 50), 2),
            read((60, 70), 1),
        ),
        (UNSURE_LOGOUT, refused((20, 30)), profile((40, 50), 0)),
    ],
)
def test_backwards_reads_of_a_write_without_mark_or_acknowledgement_are_excused(
    history: Sequence[RecordedOperation],
) -> None:
    assert found(*history) == ()


@pytest.mark.parametrize(
    ("name", "counter"),
    [(User(3).name(12), 12), (User(4).name(12), -1), ("somebody", -1), ("user 3 called 12", -1)],
)
def test_a_name_carries_its_counter_and_its_owner(name: str, counter: int) -> None:
    assert User(3).counter(json.dumps({"name": name}).encode()) == counter
