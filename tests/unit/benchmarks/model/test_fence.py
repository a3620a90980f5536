"""The fence in closed form: its intervals, and how often it is away."""

import pytest

from benchmarks.model.fence import Intervals, share_away
from service.coherence.timing import Timing


def test_the_intervals_are_those_of_the_service() -> None:
    ours, theirs = Intervals(), Timing()

    assert (ours.lease_s, ours.write_deadline_s, ours.heal_s) == (
        theirs.lease_s,
        theirs.write_deadline_s,
        theirs.heal_s,
    )
    assert ours.renew_s == theirs.renew_s
    assert ours.grace_s == pytest.approx(theirs.grace_s)


def test_what_each_process_does_once_a_day_a_thousand_do_all_the_time() -> None:
    def away(processes: int) -> float:
        return share_away(processes, closings_per_day=1, intervals=Intervals())

    assert away(10) == pytest.approx(10 * Intervals().away_s() / 86_400, rel=0.01)
    assert 0.05 < away(1000) < 0.15
    assert 0.8 < away(10_000) < 1
    assert share_away(10, closings_per_day=0, intervals=Intervals()) == 0


def test_a_fence_that_closes_again_soon_waits_twice_as_long() -> None:
    intervals = Intervals()

    assert intervals.away_s(1) - intervals.away_s() == intervals.heal_s
    assert intervals.away_s(4) - intervals.away_s() == 15 * intervals.heal_s
