from pathlib import Path

import pytest

from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.storage.usage import UsageError


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("users", 0, "--users"),
        ("skew", -0.1, "--skew"),
        ("ttl_s", float("nan"), "--ttl is nan"),
        ("writes", 1.0, "--writes"),
        ("rate", 0.0, "--rate"),
        ("todos_per_user", -1, "--todos-per-user"),
        ("payload_bytes", 0, "--payload-bytes"),
        ("seconds", 0.1, "--seconds"),
        ("seed", -1, "--seed"),
    ],
)
def test_a_number_outside_its_limits_names_its_option(
    option: str, value: float, named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        HitRatioQuestion(**{option: value})  # type: ignore[arg-type]


def test_what_cannot_be_measured_is_refused_only_where_it_is_measured(tmp_path: Path) -> None:
    HitRatioQuestion(users=5000)
    HitRatioQuestion(todos_per_user=0)

    with pytest.raises(UsageError, match="each of them logs in"):
        HitRatioQuestion(users=5000, measure=True)
    with pytest.raises(UsageError, match="--todos-per-user is 0"):
        HitRatioQuestion(todos_per_user=0, measure=True)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        HitRatioQuestion(out=tmp_path / "file")
