"""The intervals, and how they hang together."""

import sys
import time

import pytest

from service.coherence.lease import Timing, boot_clock

TIMINGS = [Timing(), Timing(lease_s=0.1, write_deadline_s=0.2), Timing(lease_s=60.0)]


@pytest.mark.parametrize("timing", TIMINGS)
def test_the_intervals_outlast_one_another(timing: Timing) -> None:
    # The grace a lease by the drift of two clocks, a lease a renewal that failed, and a mark the
    # commit that it stands for.
    assert timing.grace_s >= timing.lease_s * (1 + timing.drift)
    assert 2 * timing.renew_s < timing.lease_s
    assert timing.mark_s >= 2 * timing.write_deadline_s


def test_the_defaults_are_those_that_the_documentation_names() -> None:
    timing = Timing()

    assert timing.grace_s == pytest.approx(0.919)
    assert timing.renew_s == pytest.approx(0.3)
    assert (timing.mark_s, timing.heal_s) == (10.0, 3.0)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has the clock")
def test_the_boot_clock_is_the_one_that_goes_on_while_the_machine_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)

    assert before <= boot_clock() <= time.clock_gettime(time.CLOCK_BOOTTIME)
