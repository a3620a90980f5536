import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from benchmarks.doctor.quiet import LEAST_PAIRS, PAIRS, DoctorLine, judge_quiet, spin, watch
from tests.unit.benchmarks.doctor.fake_machine import NS_PER_ROUND, FakeMachine


def judged(**machine: Any) -> dict[str, DoctorLine]:
    fake = FakeMachine(**({"noise": 0.005} | machine))
    found = judge_quiet(watch(5.0, fake.instruments()))
    return {finding.name: finding for finding in found}


def test_on_a_quiet_machine_nothing_is_to_be_done() -> None:
    found = judged()

    assert {finding.status for finding in found.values()} == {"ok"}
    assert not any(finding.advice for finding in found.values())


@pytest.mark.parametrize(
    ("name", "machine", "status"),
    [
        ("used by others", {"busy_share": 0.2}, "warn"),
        ("used by others", {"busy_share": 0.7}, "FAIL"),
        ("stolen", {"steal_share": 0.05}, "warn"),
        ("stolen", {"steal_share": 0.2}, "FAIL"),
        ("noise", {"noise": 0.10}, "warn"),
        ("noise", {"noise": 0.30}, "FAIL"),
    ],
)
def test_only_what_is_wrong_is_complained_about_with_what_to_do(
    name: str, machine: dict[str, Any], status: str
) -> None:
    found = judged(**machine)

    wrong = {each for each, finding in found.items() if finding.status != "ok"}
    assert wrong == {name}
    assert found[name].status == status
    assert found[name].advice


def test_a_look_takes_about_as_long_as_asked() -> None:
    machine = FakeMachine()

    watched = watch(5.0, machine.instruments())

    assert machine.now_ns / 1e9 == pytest.approx(5.0, rel=0.1)
    assert watched.idle.seconds == pytest.approx(2.0, rel=0.01)
    assert watched.detectable < 0.001


def test_the_noise_of_a_machine_is_measured() -> None:
    watched = watch(20.0, FakeMachine(noise=0.10).instruments())

    assert watched.spread == pytest.approx(0.10 * 2**0.5, rel=0.15)


def test_a_machine_that_becomes_slower_gets_fewer_pairs_but_enough() -> None:
    machine = FakeMachine()

    def slower(rounds: int) -> int:
        # Slow from the first block on; the calibration asks before that.
        machine.now_ns += rounds * NS_PER_ROUND * (1 if machine.now_ns < 2.2e9 else 100)
        return rounds

    watched = watch(5.0, replace(machine.instruments(), spin=slower))

    assert LEAST_PAIRS <= watched.pairs < 20


def test_the_detectable_difference_is_detected_in_eight_of_ten_comparisons() -> None:
    detectable = replace(watch(0.5, FakeMachine().instruments()), spread=0.05).detectable
    changed = np.random.default_rng(3).normal(math.log1p(detectable), 0.05, (400, PAIRS))

    found = stats.ttest_1samp(changed, 0.0, axis=1).pvalue < 0.05

    assert 0.74 <= np.mean(found) <= 0.86


def test_the_work_depends_on_every_round_and_the_real_machine_is_looked_at() -> None:
    assert len({spin(rounds) for rounds in range(100)}) == 100
    assert watch(0.5).pairs >= LEAST_PAIRS
