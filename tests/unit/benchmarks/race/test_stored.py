from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.notebook.measuring import Command
from benchmarks.race.files import DATA
from benchmarks.race.recording import to_json
from benchmarks.race.stored import recorded
from benchmarks.race.verdict import exit_code
from benchmarks.stack.errors import StackError
from tests.unit.benchmarks.race.plays import race, recording


def played(code: int) -> tuple[Command, list[Sequence[str]]]:
    """Return a command that ends like this, leaving a race of cashews, and what it is asked."""
    asked: list[Sequence[str]] = []

    def fivefold(arguments: Sequence[str]) -> tuple[int, str]:
        asked.append(arguments)
        folder = Path(arguments[-1].removeprefix("--out=")) / "20991231-235959-race-0000"
        folder.mkdir(parents=True)
        (folder / DATA).write_text(to_json(race(recording("cashews"))))
        return code, "no step came about"

    return fivefold, asked


def test_the_committed_race_is_one_that_naive_loses_and_ours_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)
    published = recorded()

    assert [each.variant for each in published.recordings] == ["naive", "cached"]
    assert exit_code(published.recordings) == 0


@pytest.mark.parametrize("code", [0, 1, 3])
def test_live_it_is_played_and_whatever_came_of_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")
    command, asked = played(code)

    assert recorded(tmp_path / "runs", command=command).recordings[0].variant == "cashews"
    assert asked == [["race", f"--out={tmp_path / 'runs'}"]]


def test_a_play_that_broke_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1")
    command, _ = played(4)

    with pytest.raises(StackError, match="no step came about"):
        recorded(tmp_path / "runs", command=command)
