"""Which faults a run strikes with and when follows from its seed and its time."""

from itertools import islice

import pytest

from benchmarks.coherence.verify import run
from benchmarks.coherence.verify.faults import KINDS, Fault, Planned, plan
from benchmarks.coherence.verify.run import Options
from benchmarks.variants.registry import CACHING

SECONDS = 120


def planned(seed: int, count: int = 200) -> list[Planned]:
    return list(islice(plan(seed=seed, workers=4), count))


def test_a_seed_plans_its_own_faults_and_every_kind_strikes_before_one_strikes_again() -> None:
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)
    many = [each.fault for each in planned(1, 2 * len(KINDS))]
    first, second = many[: len(KINDS)], many[len(KINDS) :]

    assert set(first) == set(second) == set(Fault)
    assert first != second


def test_only_service_processes_and_their_paths_are_struck_one_at_a_time() -> None:
    many = planned(3, 500)

    for each in many:
        one = each.worker is not None
        assert one <= (KINDS[each.fault].aim != "redis")
        assert one or KINDS[each.fault].aim != "worker"
    assert {each.worker for each in many} == {None, 0, 1, 2, 3}


class FakeTime:
    """Goes on while somebody sleeps, and nowhere else."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_two_minutes_hold_some_forty_faults_and_end_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, count = FakeTime(), 0
    monkeypatch.setattr(run, "time", clock)
    for each in run._timed(Options(seconds=SECONDS, variant=CACHING["cached"], seed=1)):
        clock.sleep(each.hold_s)
        count += 1

    assert 35 < count < 60
    assert clock.now == pytest.approx(SECONDS)
