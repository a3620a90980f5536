from pathlib import Path
from typing import Any

import pytest

from benchmarks.micro.saved import UnreadableRun, load_run
from tests.unit.benchmarks.micro.saves import entry, save


def test_a_saved_run_is_read(tmp_path: Path) -> None:
    times_s = (0.001, 0.003)
    info: dict[str, Any] = {
        "variant": "cached",
        "outcome": "hit",
        "operations_per_round": 32,
        "new": "field",
    }

    run = load_run(save(tmp_path / "run.json", entry(times_s, iterations=10, **info)))

    [measured] = run.benchmarks
    assert (measured.about.variant, measured.about.outcome) == ("cached", "hit")
    assert measured.times_s == times_s
    assert measured.operations_per_round == 320


def test_a_benchmark_that_is_not_ours_is_read_too(tmp_path: Path) -> None:
    run = load_run(save(tmp_path / "run.json", entry(group=None)))

    assert run.benchmarks[0].about.variant == "-"


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


@pytest.mark.parametrize("data", [[], [-0.1], [float("nan")], [float("inf")], ["fast"]])
def test_times_that_are_none_are_refused_with_their_place(
    tmp_path: Path, data: list[float]
) -> None:
    path = save(tmp_path / "run.json", entry(data))

    with pytest.raises(UnreadableRun, match=r"JSON|benchmarks\.0\.stats\.data"):
        load_run(path)


def test_a_run_without_raw_data_says_how_to_save_it(tmp_path: Path) -> None:
    path = save(tmp_path / "run.json", entry(), entry(None))

    with pytest.raises(UnreadableRun, match="--benchmark-save-data"):
        load_run(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRun, match=r"nowhere\.json cannot be read: No such file"):
        load_run(tmp_path / "nowhere.json")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRun, match="cannot be read: Is a directory"):
        load_run(tmp_path)
