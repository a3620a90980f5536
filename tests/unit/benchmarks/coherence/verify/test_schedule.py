"""The faults of a run are known from its seed."""

from itertools import islice
from typing import Any

from benchmarks.coherence.verify.schedule import CALM_S, KINDS, Fault, Planned, plan

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
