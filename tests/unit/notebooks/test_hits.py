import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.predict.hit_ratio.files import PROFILE
from benchmarks.stack.errors import StackError
from notebooks.lib.hits import measured
from notebooks.lib.stored import PUBLISHED, newest


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
