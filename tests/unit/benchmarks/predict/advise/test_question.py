from pathlib import Path
from typing import Any

import pytest

from benchmarks.predict.advise.question import LIMITS, Question
from benchmarks.storage.usage import UsageError


def test_nothing_has_to_be_said() -> None:
    question = Question.asked()

    assert question.run_dir is None
    assert not question.says_workload


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("db_ms", 0), ("db_ms", -1), ("hit_ratio", 1.2), ("hit_ratio", -0.1), ("writes", 1),
        ("users", 0), ("skew", -1), ("ttl", 0), ("entry_bytes", 0), ("want", 1),
        ("rate", 0), ("spread", 0), ("ttl", float("nan")), ("db_ms", float("inf")),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_named_with_its_range_and_its_meaning(
    name: str, value: float
) -> None:
    with pytest.raises(UsageError) as refused:
        Question.asked(**{name: value})

    text = str(refused.value)
    assert text.startswith(f"--{name.replace('_', '-')} is {value}; it takes ")
    assert LIMITS[name].meaning in text


@pytest.mark.parametrize("name", LIMITS)
def test_both_ends_of_every_range_are_taken(name: str) -> None:
    for end in (LIMITS[name].least, LIMITS[name].most):
        assert getattr(Question.asked(**{name: end}), name) == end


@pytest.mark.parametrize(
    ("run_dir", "numbers", "words"),
    [
        (None, {"entry_bytes": 0}, "it takes 1 to 536870912: bytes"),
        (None, {"regime": "native"}, "--regime chooses from a run: give its folder"),
        (None, {"variant": "native"}, "--variant chooses from a run: give its folder"),
        (Path("reports/latest"), {"spread": 0.3}, "--spread is measured in a run"),
        (None, {"out": Path(__file__)}, "is a file; give a folder"),
        (None, {"hit_rate": 0.5}, "no option --hit-rate"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    run_dir: Path | None, numbers: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        Question.asked(run_dir, **numbers)


@pytest.mark.parametrize("name", ["users", "rate", "skew", "ttl"])
def test_a_workload_is_said_by_any_part_of_it(name: str) -> None:
    assert Question.asked(**{name: 2}).says_workload
