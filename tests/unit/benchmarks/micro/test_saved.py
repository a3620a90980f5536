from pathlib import Path
from typing import Any

import pytest

from benchmarks.micro.saved import UnreadableRun, load_run
from tests.unit.benchmarks.micro.saves import entry, save


def test_a_saved_run_is_read_and_one_that_is_not_ours_too(tmp_path: Path) -> None:
    times_s = (0.001, 0.003)
    info: dict[str, Any] = {
        "variant": "cached",
        "outcome": "hit",
        "operations_per_round": 32,
        "new": "field",
    }
    ours = entry(times_s, iterations=10, **info)

    measured, foreign = load_run(save(tmp_path / "run", ours, entry(group=None))).benchmarks

    assert (measured.metadata.variant, measured.metadata.outcome) == ("cached", "hit")
    assert measured.times_s == times_s
    assert measured.operations_per_round == 320
    assert foreign.metadata.variant == "-"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty; the run that was to write it did not finish"),
        (" \n", "is empty"),
        ("# a report", r"is not JSON: expected value at line 1"),
        ('{"benchmarks": [', "is not JSON"),
        ("\ufeff\x00", "is not JSON"),
        ("[]", r"is not a file that pytest-benchmark saved: the whole file"),
        ('{"state": "complete"}', "is not a file that pytest-benchmark saved: datetime"),
        ('{"datetime": "", "version": "", "benchmarks": []}', "holds no benchmark"),
    ],
)
def test_what_is_no_saved_run_is_refused_with_the_reason(
    tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)

    with pytest.raises(UnreadableRun, match=why):
        load_run(path)


@pytest.mark.parametrize("data", [[], [-0.1], [float("nan")], [float("inf")], ["fast"], None])
def test_times_that_are_none_are_refused_and_missing_ones_say_how_to_save_them(
    tmp_path: Path, data: Any
) -> None:
    why = r"JSON|benchmarks\.1\.stats\.data" if data is not None else "--benchmark-save-data"

    with pytest.raises(UnreadableRun, match=why):
        load_run(save(tmp_path / "run.json", entry(), entry(data)))


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere.json", "No such file"), ("", "Is a directory")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UnreadableRun, match=f"{name} cannot be read: {why}"):
        load_run(tmp_path / name)
