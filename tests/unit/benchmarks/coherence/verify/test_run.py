"""When a run of the checker strikes, and when it is over."""

import pytest

from benchmarks.coherence.verify import run
from benchmarks.coherence.verify.run import Options
from benchmarks.coherence.verify.schedule import Fault

FAULTS = (Fault.KILL, Fault.RESET, Fault.HOLD)


class FakeTime:
    """Goes on while somebody sleeps, and nowhere else."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    clock = FakeTime()
    monkeypatch.setattr(run, "time", clock)
    return clock


def test_a_run_strikes_while_there_is_time_and_lasts_as_long_as_asked(clock: FakeTime) -> None:
    struck = list(run._timed(Options(seconds=20, seed=1, faults=FAULTS)))

    assert len(struck) > len(FAULTS)
    assert clock.now == pytest.approx(20)


def test_a_run_that_was_slow_goes_on_until_enough_has_struck(clock: FakeTime) -> None:
    struck = []
    for planned in run._timed(Options(seconds=5, seed=1, faults=FAULTS, least_faults=3)):
        clock.sleep(4)
        struck.append(planned.fault)

    assert set(struck) == set(FAULTS)
