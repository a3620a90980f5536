from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.judge import judge_checks
from benchmarks.analysis.quantities.groups import groups_of
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import controlled, delayed, twice
from tests.unit.benchmarks.analysis.checks.test_counters import counted
from tests.unit.benchmarks.analysis.checks.test_machine import record
from tests.unit.benchmarks.simulate import (
    ENVIRONMENT,
    REDIS,
    coherence,
    header,
    regimes,
    run_samples,
    scenario,
    variants,
)

STAND_IN = replace(ENVIRONMENT, redis=replace(REDIS, measures_latency=False))


def judged(samples: Sequence[Sample], **changes: Any) -> list[Check]:
    run = header(**changes)
    return judge_checks(run, groups_of(run, samples))


def failed(checks: Sequence[Check]) -> list[tuple[str, str]]:
    return [(check.name, check.regime) for check in checks if check.wrong]


def against_itself(*, noise: float, seed: int = 1) -> list[Sample]:
    """Have both variants measured twice, with the first read of a session in each block."""
    outcomes: dict[bool, Any] = {True: "miss", False: "bypass"}
    return [
        replace(each, outcome=outcomes[each.variant.startswith("cached")])
        for each in twice(pairs=20, noise=noise, seed=seed)
    ]


def test_a_sound_run_passes_every_check_and_what_concerns_all_of_it_names_no_scenario() -> None:
    checks = judged(
        [
            *delayed(0),
            *delayed(20),
            *controlled(against_itself(noise=0.02)),
        ],
        counters=(counted("uncached"), counted("cached")),
        system=(record(),),
    )

    assert failed(checks) == []
    answers = ("errors", "bodies", "outcomes")
    assert [check.name for check in checks] == [
        *(*answers, "drift", "client", "machine"),
        *(*answers, "delay", "drift"),
        *(*answers, "noise", "noise", "control", "control"),
        *("counters", "counters", "coherence", "coherence"),
    ]
    assert {check.name for check in checks if not check.scenario} == {
        *("noise", "control", "counters", "coherence")
    }


@pytest.mark.parametrize(
    ("samples", "changes", "wrong"),
    [
        *(
            (
                [replace(each, db_ms=db_ms) for each in run_samples(regime="50ms-per-query")],
                {},
                ("delay", "50ms-per-query"),
            )
            for db_ms in (94.9, None)
        ),
        (
            [
                replace(each, cache_ms=4.7 if each.outcome == "miss" else 9.0)
                for each in run_samples(regime="redis+5ms")
            ],
            {"regimes": regimes("redis+5ms")},
            ("redis-delay", "redis+5ms"),
        ),
        (
            run_samples(regime="redis+5ms"),
            {"regimes": regimes("redis+5ms")},
            ("redis-delay", "redis+5ms"),
        ),
        (run_samples(), {"environment": STAND_IN}, ("redis", "native")),
        (run_samples(), {"coherence": (coherence("cached", stale=1),)}, ("coherence", "native")),
    ],
)
def test_what_is_wrong_fails_its_check_in_its_regime_and_no_other(
    samples: list[Sample], changes: dict[str, Any], wrong: tuple[str, str]
) -> None:
    assert failed(judged(samples, **changes)) == [wrong]


def test_a_mix_that_writes_is_compared_by_operation_and_checked_for_its_pace() -> None:
    entry = scenario("session", kind="mix", rate=50.0, requests=0, changing=("complete",))

    brief = replace(entry, setting=replace(entry.setting, env={"TODOS_TTL_SECONDS": "1"}))

    checks = {check.name: check for check in judged(run_samples(), scenarios=(entry,))}

    assert checks["bodies"].detail == "byte-equal bodies for all 80 operations"
    assert not checks["pace"].passed  # every sample starts at once
    # An ideal cache is one in which nothing expires.
    assert "hits" in checks
    assert "hits" not in {check.name for check in judged(run_samples(), scenarios=(brief,))}


def test_the_wrong_answers_of_a_rival_are_its_own() -> None:
    rival = counted("naive")
    lying = replace(rival, warm=replace(rival.warm, user_finds=7))

    checks = judged(
        run_samples(),
        variants=variants("uncached", "cached", "naive"),
        counters=(lying,),
        coherence=(coherence("naive", stale=3),),
    )

    assert failed(checks) == []
