"""The checker flags what no correct service could answer, and nothing else."""

from dataclasses import replace

from benchmarks.coherence.verify.checker import Breach
from benchmarks.coherence.verify.history import FaultRecord, OperationKind, Outcome
from benchmarks.coherence.verify.registers import GONE
from tests.unit.benchmarks.coherence.verify.histories import (
    TODO,
    breaches,
    created,
    deleted,
    listed,
    logged_out,
    op,
    profile,
    read,
    refused,
    renamed,
    unknown,
    updated,
    verdict,
)

OTHER = "b" * 24
STALE, BACKWARDS, IMPOSSIBLE = [Breach.STALE], [Breach.BACKWARDS], [Breach.IMPOSSIBLE]


def test_an_empty_history_is_fine() -> None:
    assert verdict().findings == ()
    assert verdict().reads == 0


def test_a_read_after_an_acknowledged_update_must_show_it() -> None:
    writes = created((0, 10)), updated((20, 30), 2)

    assert breaches(*writes, listed((40, 50), {TODO: 2})) == []
    assert breaches(*writes, listed((40, 50), {TODO: 1})) == STALE
    assert breaches(*writes, read((40, 50), 2)) == []
    assert breaches(*writes, read((40, 50), 1)) == STALE


def test_a_read_may_show_more_than_what_is_acknowledged() -> None:
    assert breaches(created((0, 10)), updated((20, 90), 2), listed((30, 40), {TODO: 2})) == []


def test_a_read_that_overlaps_the_write_may_show_either() -> None:
    for rev in (1, 2):
        history = created((0, 10)), updated((20, 40), 2), listed((30, 50), {TODO: rev})

        assert breaches(*history) == []


def test_what_happens_in_the_same_instant_is_concurrent() -> None:
    updating = created((0, 10)), updated((20, 30), 2), listed((30, 40), {TODO: 1})
    deleting = created((0, 10)), deleted((20, 30)), listed((30, 40), {TODO: 1})

    assert breaches(*updating) == []
    assert breaches(*deleting) == []


def test_a_created_todo_must_be_there() -> None:
    assert breaches(created((0, 10)), listed((20, 30))) == STALE
    assert breaches(created((0, 10)), read((20, 30), None)) == STALE
    assert breaches(created((0, 10)), listed((5, 30))) == []


def test_a_todo_may_be_missing_from_when_its_deletion_was_asked_for() -> None:
    history = created((0, 10)), deleted((25, 60)), listed((20, 30))

    assert breaches(*history) == []
    assert breaches(created((0, 10)), deleted((35, 60)), listed((20, 30))) == STALE


def test_a_deleted_todo_must_be_gone() -> None:
    ended = created((0, 10)), deleted((20, 30))

    assert breaches(*ended, listed((40, 50))) == []
    assert breaches(*ended, listed((40, 50), {TODO: 1})) == STALE
    assert breaches(*ended, read((40, 50), 1)) == STALE
    assert breaches(*ended, listed((25, 50), {TODO: 1})) == []


def test_a_refused_deletion_excuses_nothing() -> None:
    refusal = op(OperationKind.DELETE, (20, 30), todo=TODO, status=412, outcome=Outcome.FAILED)

    assert breaches(created((0, 10)), refusal, listed((40, 50))) == STALE


def test_an_unknown_write_may_be_seen_or_not_for_ever() -> None:
    unsure = (
        created((0, 10)),
        unknown(OperationKind.UPDATE, (20, 30)),
        unknown(OperationKind.DELETE, (20, 30)),
    )

    assert breaches(*unsure, listed((900, 950), {TODO: 1})) == []
    assert breaches(*unsure, listed((900, 950), {TODO: 2})) == []
    assert breaches(*unsure, listed((900, 950))) == []


def test_an_unknown_creation_may_be_seen_or_not() -> None:
    unsure = unknown(OperationKind.CREATE, (0, 10), "")

    assert breaches(unsure, listed((20, 30))) == []
    assert breaches(unsure, listed((20, 30), {TODO: 1})) == []


def test_an_update_after_an_unknown_one_is_known_by_its_revision() -> None:
    history = created((0, 10)), unknown(OperationKind.UPDATE, (20, 30)), updated((40, 50), 3)

    assert breaches(*history, listed((60, 70), {TODO: 3})) == []
    assert breaches(*history, listed((60, 70), {TODO: 2})) == STALE


def test_two_reads_must_not_go_backwards_while_a_write_is_in_flight() -> None:
    writing = created((0, 10)), updated((20, 90), 2)

    assert breaches(*writing, read((30, 40), 2), read((50, 60), 2)) == []
    assert breaches(*writing, read((30, 40), 2), read((50, 60), 1)) == BACKWARDS
    assert breaches(*writing, read((30, 40), 2), listed((35, 60), {TODO: 1})) == []


def test_a_todo_that_a_read_missed_for_good_must_not_come_back() -> None:
    deleting = created((0, 10)), deleted((20, 90))

    assert breaches(*deleting, listed((30, 40)), listed((50, 60), {TODO: 1})) == BACKWARDS


def test_a_todo_that_nobody_had_seen_yet_may_be_missing_and_then_appear() -> None:
    racing = created((0, 90)), deleted((5, 95))

    assert breaches(*racing, listed((10, 20)), listed((30, 40), {TODO: 1})) == []
    assert breaches(*racing, read((10, 20), None), read((30, 40), 1)) == []


def test_a_todo_that_a_read_showed_must_not_vanish() -> None:
    creating = created((20, 90))

    assert breaches(creating, listed((30, 40), {TODO: 1}), listed((50, 60))) == BACKWARDS
    assert breaches(creating, listed((30, 40)), listed((50, 60), {TODO: 1})) == []


def test_a_read_that_is_stale_in_two_todos_counts_once() -> None:
    history = created((0, 10)), created((0, 10), OTHER), listed((20, 30))

    assert breaches(*history) == STALE
    assert verdict(*history).reads == 1


def test_users_do_not_mix() -> None:
    assert breaches(created((0, 10), user=1), listed((20, 30), user=0)) == []
    assert breaches(created((0, 10), user=1), listed((20, 30), {TODO: 1}, user=0)) == IMPOSSIBLE


def test_a_profile_must_show_the_newest_name() -> None:
    writes = renamed((0, 10), 1), renamed((20, 30), 2)

    assert breaches(*writes, profile((40, 50), 2)) == []
    assert breaches(*writes, profile((40, 50), 1)) == STALE
    assert breaches(profile((40, 50), -1)) == IMPOSSIBLE


def test_an_unknown_name_may_land_late() -> None:
    late = renamed((0, 10), 1, Outcome.UNKNOWN), renamed((20, 30), 2)

    assert breaches(*late, profile((40, 50), 1), profile((60, 70), 2)) == []
    assert breaches(*late, profile((40, 50), 0)) == STALE


def test_a_token_is_refused_once_its_logout_is_acknowledged() -> None:
    assert breaches(logged_out((0, 10)), refused((20, 30))) == []
    assert breaches(logged_out((0, 10)), profile((20, 30), 0)) == STALE
    assert breaches(logged_out((0, 10)), profile((5, 30), 0)) == []
    assert breaches(logged_out((0, 10), token=2), profile((20, 30), 0)) == []


def test_a_write_with_a_revoked_token_is_a_violation_too() -> None:
    found = verdict(logged_out((0, 10)), created((20, 30))).findings

    assert [finding.is_revoked_token for finding in found] == [True]


def test_a_token_must_not_come_back_after_a_logout_that_nobody_acknowledged() -> None:
    unsure = logged_out((0, 10), outcome=Outcome.UNKNOWN)

    assert breaches(unsure, profile((20, 30), 0), refused((40, 50))) == []
    assert verdict(unsure, refused((20, 30)), profile((40, 50), 0)).excused == 1


def test_a_good_token_must_not_be_refused() -> None:
    assert breaches(refused((0, 10))) == IMPOSSIBLE


def test_an_answer_that_says_nothing_is_not_judged() -> None:
    failed = op(OperationKind.LIST, (20, 30), status=503, outcome=Outcome.UNKNOWN)
    lost = replace(failed, status=0)

    assert verdict(created((0, 10)), failed, lost).findings == ()
    assert verdict(created((0, 10)), failed, lost).reads == 0


def test_backwards_reads_of_a_write_whose_mark_was_lost_are_excused_by_r1() -> None:
    history = (
        created((0, 10)),
        updated((20, 90), 2),
        read((30, 40), 2),
        read((50, 60), 1),
    )
    flushed = FaultRecord(kind="flush", started_ns=25, ended_ns=25, loses_marks=True)
    stopped = replace(flushed, loses_marks=False)
    too_late = replace(flushed, started_ns=95, ended_ns=95)

    assert verdict(*history, faults=(flushed,)).excused == 1
    assert verdict(*history, faults=(flushed,)).findings == ()
    assert len(verdict(*history, faults=(stopped, too_late)).findings) == 1


def test_backwards_reads_of_a_write_that_outlived_its_mark_are_excused_by_r1() -> None:
    history = created((0, 10)), updated((20, 130), 2), read((30, 40), 2), read((50, 60), 1)

    assert (verdict(*history).excused, verdict(*history).findings) == (1, ())


def test_backwards_reads_of_a_write_nobody_acknowledged_are_excused_by_r2() -> None:
    history = (
        created((0, 10)),
        unknown(OperationKind.UPDATE, (20, 30)),
        read((40, 50), 2),
        read((60, 70), 1),
    )

    assert (verdict(*history).excused, verdict(*history).findings) == (1, ())


def test_nothing_excuses_a_stale_read() -> None:
    flushed = FaultRecord(kind="flush", started_ns=0, ended_ns=99, loses_marks=True)
    history = created((0, 10)), updated((20, 30), 2), read((40, 50), 1)

    assert [each.breach for each in verdict(*history, faults=(flushed,)).findings] == STALE


def test_a_finding_names_what_was_shown_and_what_had_to_be() -> None:
    [finding] = verdict(created((0, 10)), deleted((20, 30)), read((40, 50), 1)).findings

    assert (finding.register, finding.version, finding.floor) == (TODO, 1, GONE)


def test_porcupines_first_example_is_linearizable() -> None:
    """put(100) overlaps get() -> 100 and, inside that, get() -> 0."""
    start = created((0, 1))
    put, get_new, get_old = updated((10, 60), 2), read((20, 50), 2), read((30, 40), 1)

    assert breaches(start, put, get_new, get_old) == []


def test_porcupines_second_example_is_not_linearizable() -> None:
    """put(200) overlaps get() -> 200 and, after that one, get() -> 0."""
    start = created((0, 1))
    put, get_new, get_old = updated((10, 60), 2), read((20, 30), 2), read((40, 50), 1)

    assert breaches(start, put, get_new, get_old) == BACKWARDS
