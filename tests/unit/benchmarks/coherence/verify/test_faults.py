"""Which faults a run strikes with and when follows from its seed and its time."""

from itertools import islice
from typing import Any

import pytest

from benchmarks.coherence.verify import run
from benchmarks.coherence.verify.faults import CALM_S, KINDS, Fault, Planned, plan
from benchmarks.coherence.verify.run import Options

SECONDS = 120


def planned(seed: int, count: int = 200, **options: Any) -> list[Planned]:
    return list(islice(plan(seed=seed, **{"workers": 4} | options), count))


def test_the_same_seed_plans_the_same_faults_of_those_a_run_is_limited_to() -> None:
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)
    some = planned(1, 20, faults=(Fault.FLUSH, Fault.HOLD))
    assert {each.fault for each in some} == {Fault.FLUSH, Fault.HOLD}


def test_every_kind_strikes_before_one_strikes_again() -> None:
    many = [each.fault for each in planned(1, 2 * len(KINDS))]
    first, second = many[: len(KINDS)], many[len(KINDS) :]

    assert set(first) == set(second) == set(Fault)
    assert first != second


def test_two_minutes_hold_more_than_forty_faults_two_to_four_seconds_apart() -> None:
    for seed in range(5):
        begins_s, count = 1.0, 0
        for each in planned(seed):
            gap_s = max(each.every_s, each.hold_s + CALM_S)
            begins_s, count = begins_s + gap_s, count + 1
            if begins_s > SECONDS:
                break

            assert 1.5 < gap_s < 4
        assert count > 40


def test_only_service_processes_and_their_paths_are_struck_one_at_a_time() -> None:
    many = planned(3, 500)

    for each in many:
        one = each.worker is not None
        assert one <= (KINDS[each.fault].aim != "redis")
        assert one or KINDS[each.fault].aim != "worker"
    assert {each.worker for each in many} == {None, 0, 1, 2, 3}


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
