from dataclasses import replace

import pytest

from benchmarks.analysis.checks import Guard
from benchmarks.analysis.checks.answers import bodies, errors, outcomes
from benchmarks.storage.records import Sample
from tests.unit.benchmarks.analysis.checks.parts import changed, measured, twice
from tests.unit.benchmarks.simulate import run_samples, sample

WRITES = frozenset({"complete"})


def failed(samples: list[Sample], **how: object) -> list[Guard]:
    part = measured(samples, **how)
    return [guard for guard in (errors(part), bodies(part), outcomes(part)) if not guard.passed]


def operations(*variants: str, outcome: str = "miss") -> list[Sample]:
    """Have each variant read, write and read again, each answer unlike the one before."""
    return [
        sample(
            scenario="mix",
            variant=name,
            user=index % 2,
            index=index,
            action=action,
            outcome="write"
            if action == "complete"
            else "bypass"
            if name == "uncached"
            else outcome,
            body_hash=f"{index}",
        )
        for name in variants
        for index, action in enumerate(("list", "complete", "list"))
    ]


def test_a_scenario_says_which_answers_are_no_failure() -> None:
    samples = [replace(each, status=429) for each in run_samples()]

    refused = errors(measured(samples))
    expected = errors(measured(samples, answers=frozenset({401, 429})))

    assert (refused.passed, expected.passed) == (False, True)
    assert "429 from uncached" in refused.detail
    assert expected.detail.endswith("answers are 401 or 429")


def test_a_sound_part_passes_every_check() -> None:
    assert failed(run_samples()) == []


@pytest.mark.parametrize(
    ("samples", "name", "detail"),
    [
        (
            changed(run_samples(), lambda s: s.variant == "cached", status=503),
            "errors",
            "1x 503 from cached",
        ),
        (
            changed(run_samples(), lambda s: s.user == 1, body_hash="beef"),
            "bodies",
            "bodies differ for 1 of 2 users, first user 1",
        ),
        (
            changed(run_samples(), lambda s: s.index == 3 and s.outcome == "hit", outcome="miss"),
            "outcomes",
            "1x miss on a later read of cached",
        ),
        (
            changed(run_samples(), lambda s: s.outcome == "miss", outcome="hit"),
            "outcomes",
            "1x hit on a first read of cached",
        ),
        (
            changed(run_samples(), lambda s: s.outcome == "bypass", outcome="unknown"),
            "outcomes",
            "1x unknown on a first read of uncached",
        ),
    ],
)
def test_a_single_wrong_request_fails_its_check_and_no_other(
    samples: list[Sample], name: str, detail: str
) -> None:
    [guard] = failed(samples)

    assert guard.name == name
    assert detail in guard.detail
    assert guard.advice


def test_in_a_warm_scenario_a_first_read_that_misses_is_wrong() -> None:
    [guard] = failed(run_samples(), cold=False)

    assert guard.detail == "16x miss on a first read of cached"
    assert failed(run_samples(warm=True), cold=False) == []


def test_a_ceiling_may_send_other_bytes_and_knows_no_cache() -> None:
    assert failed(run_samples(variants=("uncached", "cached", "static"))) == []


def test_a_ceiling_that_answers_500_fails_the_errors_check() -> None:
    samples = changed(
        run_samples(variants=("uncached", "static")), lambda s: s.variant == "static", status=500
    )

    assert [guard.name for guard in failed(samples)] == ["errors"]


def test_an_ablation_that_does_not_cache_has_to_bypass() -> None:
    samples = [
        replace(each, outcome="bypass") for each in run_samples(variants=("uncached", "other"))
    ]

    assert failed(samples) == []


def test_writes_are_not_asked_whether_they_hit() -> None:
    samples = [replace(entry, outcome="write") for entry in run_samples()]

    guard = outcomes(measured(samples))
    assert guard.passed
    assert guard.detail == "all requests are writes"


def test_what_is_measured_again_has_to_answer_like_the_first_time() -> None:
    samples = [
        replace(each, outcome="miss") if each.variant.startswith("cached") else each
        for each in twice(pairs=2, noise=0.0)
    ]
    again = changed(samples, lambda s: s.variant == "cached again", outcome="bypass")

    assert failed(samples) == []
    assert [guard.detail for guard in failed(again)] == ["1x bypass on a first read of cached"]


def test_where_things_change_a_user_s_answers_may_differ_from_each_other() -> None:
    samples = operations("uncached", "cached")

    assert failed(samples, changing=WRITES, mix=True) == []
    assert [guard.name for guard in failed(samples, mix=True)] == ["bodies"]


def test_where_things_change_the_same_operation_has_to_give_the_same_bytes() -> None:
    samples = changed(
        operations("uncached", "cached"),
        lambda s: s.variant == "cached" and s.index == 2,
        body_hash="stale",
    )

    [guard] = failed(samples, changing=WRITES, mix=True)

    assert guard.detail == (
        "bodies differ for 1 of 3 operations, first number 2 of session 0 in observation 0 of "
        "restart 0: list by user 0"
    )


@pytest.mark.parametrize("outcome", ["hit", "miss", "partial"])
def test_in_a_mix_a_read_may_hit_or_not(outcome: str) -> None:
    samples = operations("uncached", "cached", outcome=outcome)

    assert failed(samples, changing=WRITES, mix=True) == []


@pytest.mark.parametrize("outcome", ["bypass", "unknown"])
def test_in_a_mix_what_is_ours_must_not_pass_its_cache_by(outcome: str) -> None:
    of_ours = operations("uncached", "cached", outcome=outcome)
    of_a_rival = operations("uncached", "naive", outcome=outcome)

    [guard] = failed(of_ours, changing=WRITES, mix=True)

    assert guard.detail == (
        f"1x {outcome} on a first read of cached, 1x {outcome} on a later read of cached"
    )
    assert failed(of_a_rival, changing=WRITES, mix=True) == []


def test_in_a_mix_the_reference_has_to_bypass_always() -> None:
    samples = changed(
        operations("uncached", "cached"), lambda s: s.variant == "uncached", outcome="hit"
    )

    [guard] = failed(samples, changing=WRITES, mix=True)

    assert guard.detail == "1x hit on a first read of uncached"


def test_what_was_written_in_another_start_of_the_services_is_no_difference() -> None:
    first, second = run_samples(observations=2), run_samples(observations=2, restart=1)
    samples = [*first, *(replace(each, body_hash="changed before") for each in second)]

    assert failed(samples) == []
    assert bodies(measured(samples)).detail == "byte-equal bodies for all 2 users"
