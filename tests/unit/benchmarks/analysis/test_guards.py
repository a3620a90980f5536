from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.analysis.guards import Guard, judge_guards
from benchmarks.analysis.summary import summarise
from benchmarks.records import Sample
from tests.unit.benchmarks.simulate import run_samples


def guards(
    samples: list[Sample],
    *,
    delay_ms: float = 50,
    real_redis: bool = True,
    cold: bool = True,
    variants: tuple[str, ...] = ("uncached", "cached"),
) -> list[Guard]:
    return judge_guards(
        samples,
        summarise(samples, variants=variants),
        delay_ms=delay_ms,
        redis_measures_latency=real_redis,
        cold=cold,
        ceilings={"static"},
    )


def changed(
    samples: list[Sample], where: Callable[[Sample], bool], **changes: object
) -> list[Sample]:
    """Change the first sample that fits."""
    place = next(number for number, entry in enumerate(samples) if where(entry))
    return [*samples[:place], replace(samples[place], **changes), *samples[place + 1 :]]  # type: ignore[arg-type]


def test_a_sound_regime_passes_every_check() -> None:
    assert [(guard.name, guard.passed) for guard in guards(run_samples())] == [
        ("errors", True),
        ("bodies", True),
        ("outcomes", True),
        ("delay", True),
    ]


def test_the_native_regime_has_no_delay_to_check() -> None:
    assert "delay" not in {guard.name for guard in guards(run_samples(), delay_ms=0)}


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
        (run_samples(db_ms=3.1), "delay", "database time per uncached request: 3.1 ms"),
    ],
)
def test_a_single_wrong_request_fails_its_check_and_no_other(
    samples: list[Sample], name: str, detail: str
) -> None:
    [failed] = [guard for guard in guards(samples) if not guard.passed]

    assert failed.name == name
    assert detail in failed.detail
    assert failed.advice


def test_a_service_that_reports_no_database_time_fails_the_delay_check() -> None:
    samples = [replace(entry, db_ms=None) for entry in run_samples()]

    assert [guard.name for guard in guards(samples) if not guard.passed] == ["delay"]


def test_a_stand_in_for_redis_fails_a_check_of_its_own() -> None:
    failed = [guard.name for guard in guards(run_samples(), real_redis=False) if not guard.passed]

    assert failed == ["redis"]


def test_in_a_warm_scenario_a_first_read_that_misses_is_wrong() -> None:
    warm, cold = run_samples(warm=True), run_samples()

    assert all(guard.passed for guard in guards(warm, cold=False))
    assert {g.name: g.detail for g in guards(cold, cold=False) if not g.passed} == {
        "outcomes": "16x miss on a first read of cached"
    }


def test_a_ceiling_may_send_other_bytes_and_knows_no_cache() -> None:
    samples = run_samples(variants=("uncached", "cached", "static"))

    assert all(guard.passed for guard in guards(samples, variants=("uncached", "cached", "static")))


def test_a_ceiling_that_answers_500_fails_the_errors_check() -> None:
    samples = changed(
        run_samples(variants=("uncached", "static")), lambda s: s.variant == "static", status=500
    )

    failed = [g.name for g in guards(samples, variants=("uncached", "static")) if not g.passed]
    assert failed == ["errors"]


def test_writes_are_not_asked_whether_they_hit() -> None:
    samples = [replace(entry, outcome="write") for entry in run_samples()]

    [outcomes] = [guard for guard in guards(samples) if guard.name == "outcomes"]
    assert outcomes.passed
    assert outcomes.detail == "all requests are writes"
