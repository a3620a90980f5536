"""Leases on one document: their load, their limit, and how a change of it spreads."""

import pytest

from benchmarks.model.fence import Database, Intervals, most_processes, renewals_per_s
from benchmarks.model.leases import Outcome, incident

QUICK, SLOW = Database(operation_s=0.0001), Database(operation_s=0.01, at_once=1)


def played(processes: int, database: Database = QUICK, *, restart: bool = True) -> Outcome:
    return incident(processes, Intervals(), database, restart=restart)


@pytest.mark.parametrize("processes", [1, 10, 300])
def test_every_process_asks_three_times_in_a_lease(processes: int) -> None:
    foreseen = renewals_per_s(processes, Intervals(), QUICK)

    assert foreseen == pytest.approx(processes / 0.3, rel=0.01)
    assert played(processes).reads_per_s == pytest.approx(foreseen, rel=0.15)


def test_a_database_that_is_too_slow_is_asked_as_often_as_it_answers() -> None:
    assert renewals_per_s(1000, Intervals(), SLOW) == 100
    assert played(90, SLOW).reads_per_s == pytest.approx(100, rel=0.1)


def test_leases_run_out_beyond_as_many_processes_as_are_foreseen() -> None:
    most = most_processes(Intervals(), SLOW)

    assert most == 60
    assert played(most - 5, SLOW).lapsed == 0
    assert played(most + 20, SLOW).lapsed > 0.01


def test_three_times_the_lease_carries_three_times_the_processes() -> None:
    longer = Intervals(lease_s=2.7)

    assert most_processes(longer, SLOW) == 3 * most_processes(Intervals(), SLOW)
    assert renewals_per_s(30, longer, QUICK) == pytest.approx(30 / 0.9, rel=0.01)


@pytest.mark.parametrize("restart", [True, False])
def test_all_processes_know_a_closed_fence_before_a_writer_has_waited_for_them(
    restart: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    outcome = played(200, restart=restart)

    assert 0 < outcome.heard_s <= Intervals().grace_s
    assert (
        Intervals().away_s() <= outcome.opened_s <= Intervals().away_s() + 2 * Intervals().renew_s
    )
    assert outcome.opened_s < outcome.cached_s <= outcome.opened_s + Intervals().lease_s


def test_one_process_alone_moves_the_fence_three_times() -> None:
    assert played(1).changes == 3
    assert played(1, restart=False).changes == 3


def test_processes_that_see_a_restart_by_themselves_try_more_often_than_one_writer() -> None:
    alone, all_together = played(200, restart=False), played(200)

    assert 3 <= alone.changes < all_together.changes <= 3 * 200


def test_equal_seeds_play_alike() -> None:
    assert played(20) == played(20)
    assert incident(20, Intervals(), QUICK, restart=True, seed=2) != played(20)
