"""Every process counts from the same moment, by its own steady clock."""

from benchmarks.load.clock import Clock


def test_time_counts_from_a_moment_that_another_process_named_whatever_the_wall_clock_does() -> (
    None
):
    steady, wall = [50.0], [1003.5]
    clock = Clock(wall_s=lambda: wall[0], steady_s=lambda: steady[0])

    clock.begin(1000.0)
    steady[0], wall[0] = 52.0, 0.0

    assert clock.elapsed_s() == 5.5
    assert clock.since_s(51.0) == 4.5


def test_nothing_has_passed_before_the_begin_and_after_the_stop() -> None:
    clock = Clock(wall_s=lambda: 10.0, steady_s=lambda: 3.0)

    assert (clock.runs, clock.elapsed_s()) == (False, 0.0)
    clock.begin(4.0)
    assert (clock.runs, clock.elapsed_s()) == (True, 6.0)
    clock.stop()
    assert (clock.runs, clock.elapsed_s()) == (False, 0.0)
