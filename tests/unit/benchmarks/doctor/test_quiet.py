import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.doctor.findings import Finding
from benchmarks.doctor.noise import noise_of
from benchmarks.doctor.quiet import conclusion, judge_quiet
from benchmarks.doctor.watch import watch
from tests.unit.benchmarks.doctor.fake_machine import FakeMachine

QUIET = {"noise": 0.005}


def judged(**machine: Any) -> dict[str, Finding]:
    fake = FakeMachine(**(QUIET | machine))
    found = judge_quiet(watch(5.0, fake.instruments()), cpus=2)
    return {finding.name: finding for finding in found}


def test_on_a_quiet_machine_nothing_is_to_be_done() -> None:
    found = judged()

    assert {finding.status for finding in found.values()} == {"ok"}
    assert not any(finding.advice for finding in found.values())


@pytest.mark.parametrize(
    ("name", "machine", "status"),
    [
        ("load", {"load": 0.6}, "warn"),
        ("used by others", {"busy_share": 0.2}, "warn"),
        ("used by others", {"busy_share": 0.7}, "FAIL"),
        ("waiting for a CPU", {"pressure_share": 0.3}, "warn"),
        ("stolen", {"steal_share": 0.05}, "warn"),
        ("stolen", {"steal_share": 0.2}, "FAIL"),
        ("throttled", {"throttled_per_look": 1}, "warn"),
        ("wake-up lag", {"lag_s": 0.003}, "warn"),
        ("noise", {"noise": 0.10}, "warn"),
        ("noise", {"noise": 0.30}, "FAIL"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    name: str, machine: dict[str, Any], status: str
) -> None:
    found = judged(**machine)

    assert found[name].status == status
    assert found[name].advice


def test_only_what_is_wrong_is_complained_about() -> None:
    found = judged(steal_share=0.05)

    assert {name for name, finding in found.items() if finding.status != "ok"} == {"stolen"}


@pytest.mark.parametrize(
    ("bias", "status"),
    [(1.0, "ok"), (1.02, "warn"), (1 / 1.02, "warn"), (1.1, "FAIL"), (0.9, "FAIL")],
)
def test_equal_work_that_takes_longer_in_one_of_two_places_is_found_out(
    bias: float, status: str
) -> None:
    rng = random.Random(1)
    times = [[rng.lognormvariate(0, 0.01) for _ in range(60)] for _ in range(2)]
    noise = noise_of([bias * each for each in times[0]], times[1])

    watched = replace(watch(0.5, FakeMachine().instruments()), noise=noise)

    found = {finding.name: finding for finding in judge_quiet(watched, cpus=2)}
    assert found["equal work"].status == status


def test_the_conclusion_is_one_sentence_with_the_figure_and_its_reason() -> None:
    noise = watch(5.0, FakeMachine(noise=0.05).instruments()).noise

    text = conclusion(noise)

    assert f"can measure differences above about {noise.detectable.centre:.1%} [" in text
    assert f"{noise.pairs} interleaved pairs" in text
    assert ". " not in text
    assert "\n" not in text
