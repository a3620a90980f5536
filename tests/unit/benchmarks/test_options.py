from pathlib import Path
from typing import Any

import pytest

from benchmarks.options import PROFILES, CompareOptions, UsageError


@pytest.mark.parametrize(
    ("asked", "choices"),
    [
        ({"profile": "fast"}, "unknown profile 'fast'; choose from: quick, full"),
        ({"scenarios": ["zipf"]}, "unknown scenario 'zipf'; choose from: session"),
        ({"variants": ["redis"]}, "unknown variant 'redis'; choose from: uncached, cached"),
    ],
)
def test_a_wrong_name_is_answered_with_the_choices(asked: dict[str, Any], choices: str) -> None:
    with pytest.raises(UsageError) as refused:
        CompareOptions.from_profile(**asked)

    assert str(refused.value) == choices


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_valid_and_measures_three_regimes(profile: str) -> None:
    options = CompareOptions.from_profile(profile)

    assert list(options.plans) == ["native", "50ms-per-request", "50ms-per-query"]


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ([], ("uncached", "cached")),
        (["cached"], ("uncached", "cached")),
        (["cached", "uncached", "cached"], ("uncached", "cached")),
    ],
)
def test_the_reference_comes_first_whether_asked_for_or_not(
    asked: list[str], got: tuple[str, ...]
) -> None:
    assert CompareOptions.from_profile(variants=asked).variants == got


def test_the_reference_alone_is_nothing_to_compare() -> None:
    with pytest.raises(UsageError, match="choose at least one of: cached"):
        CompareOptions.from_profile(variants=["uncached"])


@pytest.mark.parametrize(
    "asked",
    [
        {"seed": -1},
        {"users": 0},
        {"todos_per_user": 1001},
        {"payload_bytes": 0},
        {"blocks": 1},
        {"sessions": 0},
    ],
)
def test_a_senseless_amount_is_refused_with_its_limits(asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"--[a-z-]+ is -?\d+; it takes \d+ to \d+"):
        CompareOptions.from_profile(**asked)


def test_a_block_cannot_have_more_sessions_than_there_are_users() -> None:
    with pytest.raises(UsageError, match="raise --users or lower --sessions"):
        CompareOptions.from_profile(users=3, sessions=4)


def test_reports_cannot_go_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "reports"
    file.touch()

    with pytest.raises(UsageError, match="is a file"):
        CompareOptions.from_profile(out=file)


def test_blocks_and_sessions_hold_for_every_regime() -> None:
    options = CompareOptions.from_profile(blocks=4, sessions=3)

    assert {(plan.observations, plan.sessions) for plan in options.plans.values()} == {(4, 3)}
