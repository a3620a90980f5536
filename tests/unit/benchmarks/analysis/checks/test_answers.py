from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.analysis.checks.answers import (
    bodies,
    coherence,
    errors,
    hits,
    ideal_hits,
    outcomes,
)
from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.header import Difference, DifferingAnswer
from benchmarks.storage.records import Sample
from tests.unit.benchmarks import simulate
from tests.unit.benchmarks.analysis.checks.parts import changed, measured, twice
from tests.unit.benchmarks.simulate import run_samples, sample

THIRD = "number 3: list by user 0"
WRITING: dict[str, Any] = {"changing": ("complete",), "kind": "mix"}
UNCACHING = tuple(replace(each, caches=False) for each in simulate.variants("uncached", "other"))


def failed(samples: list[Sample], **how: Any) -> dict[str, Check]:
    case = measured(samples, **how)
    checks = (errors(case), bodies(case), outcomes(case))
    return {check.name: check for check in checks if not check.passed}


def operations(variant: str = "cached", outcome: str = "miss") -> list[Sample]:
    """Have the reference and a variant read, write and read, each answer unlike the one before."""
    return [
        sample(
            scenario="mix",
            variant=name,
            user=index % 2,
            index=index,
            action=action,
            outcome="write" if action == "complete" else read,
            body_hash=f"{index}",
        )
        for name, read in (("uncached", "bypass"), (variant, outcome))
        for index, action in enumerate(("list", "complete", "list"))
    ]


def all_as(outcome: str, *variants: str) -> list[Sample]:
    return [replace(each, outcome=outcome) for each in run_samples(variants=variants)]  # type: ignore[arg-type]


def measured_twice() -> list[Sample]:
    return [
        replace(each, outcome="miss") if each.variant.startswith("cached") else each
        for each in twice(pairs=2, noise=0.0)
    ]


def in_two_starts_of_the_services() -> list[Sample]:
    first, second = run_samples(observations=2), run_samples(observations=2, restart=1)
    return [*first, *(replace(each, body_hash="changed between them") for each in second)]


@pytest.mark.parametrize(
    ("samples", "how"),
    [
        (run_samples(), {}),
        (run_samples(warm=True), {"primed": "session"}),
        (run_samples(variants=("uncached", "cached", "static")), {}),  # a ceiling knows no cache
        (
            all_as("bypass", "uncached", "other"),
            {"run": {"variants": UNCACHING}},
        ),  # neither does an ablation without one
        (all_as("write", "uncached", "cached"), {}),  # writes are not asked whether they hit
        (measured_twice(), {}),
        (in_two_starts_of_the_services(), {}),
        # In a mix a read may hit or not, and a rival may pass its cache by.
        *((operations("cached", outcome), WRITING) for outcome in ("hit", "miss", "partial")),
        *((operations("naive", outcome), WRITING) for outcome in ("bypass", "unknown")),
    ],
)
def test_sound_answers_pass_every_check(samples: list[Sample], how: dict[str, object]) -> None:
    assert failed(samples, **how) == {}


CACHED, STATIC = ("cached",), ("static",)
RUN, MIX = run_samples(), operations()


@pytest.mark.parametrize(
    ("samples", "how", "name", "detail", "touched"),
    [
        (
            changed(RUN, {"variant": "cached"}, status=503),
            *({}, "errors", "1x 503 to list from cached", CACHED),
        ),
        (
            changed(
                run_samples(variants=("uncached", "static")), {"variant": "static"}, status=500
            ),
            *({}, "errors", "1x 500 to list from static", STATIC),
        ),
        # All others are compared with the reference, and cannot be right where it is wrong.
        (
            changed(RUN, {"variant": "uncached"}, status=503),
            *({}, "errors", "1x 503 to list from uncached", ()),
        ),
        (
            changed(RUN, {"variant": "cached", "user": 1}, body_hash="beef"),
            *({}, "bodies", "bodies differ for 1 of 2 users, first user 1, list", CACHED),
        ),
        (
            changed(RUN, {"variant": "uncached", "user": 1}, body_hash="beef"),
            *({}, "bodies", "bodies differ for 1 of 2 users, first user 1, list", ()),
        ),
        # A user's answers may differ from each other only where something is written.
        (
            MIX,
            *({"kind": "mix"}, "bodies", "bodies differ for 1 of 2 users, first user 0, list", ()),
        ),
        (
            changed(MIX, {"variant": "cached", "index": 2}, body_hash="stale"),
            *(WRITING, "bodies", f"bodies differ for 1 of 3 operations, first {THIRD}", CACHED),
        ),
        (
            changed(RUN, {"index": 3, "outcome": "hit"}, outcome="miss"),
            *({}, "outcomes", "1x miss on a later read of cached", CACHED),
        ),
        (
            changed(RUN, {"outcome": "miss"}, outcome="hit"),
            *({}, "outcomes", "1x hit on a first read of cached", CACHED),
        ),
        (
            changed(RUN, {"outcome": "bypass"}, outcome="unknown"),
            *({}, "outcomes", "1x unknown on a first read of uncached", ()),
        ),
        (RUN, {"primed": "session"}, "outcomes", "16x miss on a first read of cached", CACHED),
        (
            changed(measured_twice(), {"variant": "cached again"}, outcome="bypass"),
            *({}, "outcomes", "1x bypass on a first read of cached", CACHED),
        ),
        *(
            (
                operations("cached", outcome),
                *(WRITING, "outcomes"),
                f"1x {outcome} on a first read of cached, 1x {outcome} on a later read of cached",
                CACHED,
            )
            for outcome in ("bypass", "unknown")
        ),
        (
            changed(MIX, {"variant": "uncached"}, outcome="hit"),
            *(WRITING, "outcomes", "1x hit on a first read of uncached", ()),
        ),
    ],
)
def test_a_wrong_answer_fails_its_check_and_no_other_for_the_variants_it_was_seen_of(
    samples: list[Sample], how: dict[str, object], name: str, detail: str, touched: tuple[str, ...]
) -> None:
    found = failed(samples, **how)

    assert found.keys() == {name}
    assert found[name].detail == detail
    assert found[name].variants == touched
    assert found[name].advice


def test_a_scenario_says_which_answers_are_no_failure() -> None:
    samples = [replace(each, status=429) for each in run_samples()]

    assert not errors(measured(samples)).passed
    assert errors(measured(samples, answers=(401, 429))).passed


@pytest.mark.parametrize(
    ("late", "result"), [(0, "passed"), (1, "noisy"), (6, "noisy"), (7, "wrong")]
)
def test_a_redis_that_is_late_once_in_a_hundred_reads_is_noise(late: int, result: str) -> None:
    samples = run_samples(observations=64)  # 640 reads of the cached variant
    for _ in range(late):
        samples = changed(
            samples,
            {"outcome": "hit"},
            outcome="bypass",
            slots="todos=unavailable user=unavailable",
        )
    check = outcomes(measured(samples))

    assert check.result == result
    assert check.detail.startswith(f"{late}x bypass on a later read of cached") is bool(late)


@pytest.mark.parametrize(
    ("changes", "caches", "result"),
    [
        ({}, True, "passed"),
        ({"hits": 0}, False, "passed"),
        *(({what: 1}, True, "wrong") for what in ("stale", "backwards", "impossible", "errors")),
        # Nothing could go wrong.
        *(({what: 0}, True, "cannot tell") for what in ("reads", "writes", "hits")),
    ],
)
def test_a_probe_is_wrong_by_a_single_wrong_answer_and_tells_nothing_where_none_could_be(
    changes: dict[str, Any],
    caches: bool,  # noqa: FBT001
    result: str,
) -> None:
    found = simulate.coherence("cached", first="GET /todo/ showed too little", **changes)

    check = coherence(found, caches=caches)

    assert (check.result, check.variants) == (result, ("cached",))
    assert check.detail.endswith("first: GET /todo/ showed too little")


@pytest.mark.parametrize(
    ("operations", "hits"),
    [
        ([(1, "list")], 0),
        ([(1, "list"), (1, "list"), (1, "list")], 2),
        ([(1, "list"), (2, "list"), (1, "list")], 1),
        ([(1, "list"), (1, "complete"), (1, "list"), (1, "list")], 1),
        ([(1, "list"), (2, "complete"), (1, "list")], 1),
        ([(1, "complete"), (1, "list")], 0),
    ],
)
def test_a_read_could_hit_when_the_operation_before_it_on_its_user_was_a_read(
    operations: Sequence[tuple[int, str]], hits: int
) -> None:
    block = [
        sample(user=user, action=action, index=index)
        for index, (user, action) in enumerate(operations)
    ]

    # The order is that of the operations, not of the samples.
    assert ideal_hits(block, {"complete"}) == ideal_hits(block[::-1], {"complete"}) == hits


# A write, what it invalidated, and a hit again.
OPERATIONS = (
    (0, "list", "miss"),
    (0, "list", "hit"),
    (1, "list", "miss"),
    (0, "complete", "write"),
    (0, "list", "miss"),
    (0, "list", "hit"),
)


def blocks(count: int, variant: str = "cached") -> list[Sample]:
    return [
        sample(variant=variant, block=block, user=user, action=action, index=index, outcome=outcome)
        for block in range(count)
        for index, (user, action, outcome) in enumerate(OPERATIONS)
    ]


@pytest.mark.parametrize(
    ("samples", "passed", "detail"),
    [
        (blocks(2), True, "cached hit 4 of 4 times"),
        *(
            (
                changed(blocks(2), {"index": forgotten}, outcome="miss"),
                False,
                "cached hit 3 of 4 times",
            )
            for forgotten in (1, 5)
        ),
        # A read that Redis did not answer in time is forgiven once in a hundred.
        (
            changed(blocks(50), {"index": 1}, outcome="miss"),
            True,
            "cached hit 99 of 100 times",
        ),
        # Nobody's hits are counted but ours.
        (
            [*blocks(1), *changed(blocks(1, "naive"), {"index": 1}, outcome="miss")],
            True,
            "cached hit 2 of 2 times",
        ),
    ],
)
def test_a_cache_that_forgets_fails(
    samples: list[Sample],
    passed: bool,  # noqa: FBT001
    detail: str,
) -> None:
    check = hits(measured(samples, **WRITING))

    assert (check.passed, check.detail) == (passed, detail)


def test_a_service_that_differs_from_itself_is_named_alone() -> None:
    answers = tuple(DifferingAnswer(variant="b", status=200, said=said) for said in "12")
    found = Difference(action="GET /", user=0, place="$.now", answers=answers)

    foreign = replace(simulate.ENVIRONMENT, database=None)
    samples = changed(run_samples(), {"variant": "cached"}, body_hash="other")
    advice = bodies(measured(samples, run={"environment": foreign, "differences": (found,)})).advice

    assert advice.startswith("the answers of b to GET / differ from each other, first at $.now: --")
