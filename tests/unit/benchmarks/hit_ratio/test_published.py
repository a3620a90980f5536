"""What is published of hit ratios follows from its results, and holds what the notebook says."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.hit_ratio.files import PROFILE, read
from benchmarks.hit_ratio.stored import measured
from benchmarks.notebook.stored import newest
from benchmarks.report import report
from benchmarks.stack.errors import StackError
from benchmarks.usage import UsageError

PUBLISHED = Path(__file__).parents[4] / "reports" / "published"


def test_the_published_report_follows_from_its_results(tmp_path: Path) -> None:
    for folder in PUBLISHED.glob(f"*-{PROFILE}-*"):
        copy = tmp_path / folder.name
        copy.mkdir()
        shutil.copy(folder / "results.json", copy)

        assert report(copy) == 0

        for file in (path for path in folder.rglob("*") if path.is_file()):
            assert (copy / file.relative_to(folder)).read_bytes() == file.read_bytes()


def test_the_published_points_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)

    points = measured()["points"]

    assert [point["within"] for point in points] == [True] * 7
    assert [point["name"] for point in points if not point["reads"]] == []


def test_live_points_are_measured_by_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")
    asked: list[Sequence[str]] = []

    def command(arguments: Sequence[str]) -> tuple[int, str]:
        asked.append(arguments)
        published = newest(PUBLISHED, PROFILE)
        shutil.copytree(published, tmp_path / published.name)
        return 0, ""

    points = measured(tmp_path, command=command)["points"]

    assert points
    assert [arguments[:2] for arguments in asked] == [["hit-ratio", "--measure"]]


def test_what_the_command_could_not_measure_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")

    with pytest.raises(StackError, match="no database"):
        measured(tmp_path, command=lambda _: (4, "no database"))


def test_a_folder_of_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not the folder of a hit ratio"):
        read(tmp_path)
