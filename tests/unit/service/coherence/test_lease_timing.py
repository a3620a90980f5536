"""The intervals, and how they hang together."""

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


def test_the_boot_clock_is_a_clock_that_nobody_can_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = boot_clock()
    goes_on = before <= boot_clock()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)

    assert goes_on
    assert boot_clock() == 7.0
