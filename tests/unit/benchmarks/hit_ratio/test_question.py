from pathlib import Path

import pytest

from benchmarks.hit_ratio.question import Question, parse_memory
from benchmarks.hit_ratio.sizes import EMPTY_REDIS_BYTES
from benchmarks.usage import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("64mb", 64 << 20),
        ("2GB", 2 << 30),
        ("500 kb", 500 << 10),
        ("1.5m", 3 << 19),
        ("1000000", 1_000_000),
        ("none", None),
    ],
)
def test_memory_is_written_as_for_redis(text: str, expected: int | None) -> None:
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["", "lots", "-5mb", "5tb", "1e6", "nan"])
def test_memory_that_means_nothing_names_what_it_takes(text: str) -> None:
    with pytest.raises(UsageError, match=r"--memory is .*64mb.*none for no limit"):
        parse_memory(text)


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
        Question(**{option: value})  # type: ignore[arg-type]


def test_memory_that_not_even_one_user_fits_into_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--memory is 1024 bytes; an empty Redis takes"):
        Question.asked(memory="1kb")


def test_what_an_empty_redis_takes_is_no_room_for_entries() -> None:
    room = Question.asked(memory="4mb").workload.room_bytes

    assert room == (4 << 20) - EMPTY_REDIS_BYTES


def test_what_cannot_be_measured_is_refused_only_where_it_is_measured() -> None:
    Question.asked(users=5000)
    Question.asked(todos_per_user=0)

    with pytest.raises(UsageError, match="each of them logs in"):
        Question.asked(users=5000, measure=True)
    with pytest.raises(UsageError, match="--todos-per-user is 0"):
        Question.asked(todos_per_user=0, measure=True)


def test_a_file_is_no_folder_for_reports(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(UsageError, match="is a file"):
        Question.asked(out=file)
