import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.coherence.race import run
from benchmarks.coherence.race.recording import Race
from benchmarks.coherence.race.run import DEFAULT, PLAYERS, RaceOptions
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.race.plays import race, recording


def options(out: Path, *variants: str) -> RaceOptions:
    return RaceOptions.asked_for(variants, out)


def played(
    monkeypatch: pytest.MonkeyPatch, out: Path, outcome: Race | Exception
) -> tuple[int, str]:
    """Carry out a race that comes out like this; return the exit code and what was said."""

    def record(*_: Any, **__: Any) -> Race:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(run, "record", record)
    console = Console(file=io.StringIO(), width=100)
    code = run.race(options(out), {}, console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def test_naive_and_ours_play_unless_others_are_named(tmp_path: Path) -> None:
    assert options(tmp_path).variants == DEFAULT
    assert options(tmp_path, "cashews", "cashews").variants == ("cashews",)


def test_services_play_and_ablations_and_fixed_bytes_do_not() -> None:
    assert {"uncached", "cached", "naive", "cashews"} <= PLAYERS.keys()
    assert not {"static", "no-uvloop"} & PLAYERS.keys()


@pytest.mark.parametrize("variant", ["magic", "static"])
def test_an_unknown_variant_is_a_usage_error_that_names_the_choices(
    tmp_path: Path, variant: str
) -> None:
    with pytest.raises(UsageError, match="choose from: uncached, cached"):
        options(tmp_path, variant)


def test_a_file_is_no_folder_for_reports(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="is a file"):
        options(tmp_path / "file")


def test_a_race_is_kept_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    outcome = race(recording("naive"), recording("cached", revision=2))
    code, said = played(monkeypatch, tmp_path, outcome)

    [folder] = tmp_path.iterdir()
    assert code == 0
    assert "-race-" in folder.name
    assert folder.name in said
    assert "naive: 2 of 2" in said


def test_a_play_that_catches_nobody_is_said_to_show_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, said = played(monkeypatch, tmp_path, race(recording("naive", revision=2)))

    assert code == 3
    assert "shown nothing" in " ".join(said.split())


def test_ours_stale_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert played(monkeypatch, tmp_path, race(recording("naive"), recording("cached")))[0] == 1


def test_a_step_that_does_not_come_about_is_said_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, said = played(monkeypatch, tmp_path, StackError("it waited 5 s to see process A miss."))

    assert code == 4
    assert "see process A miss" in said
    assert [*tmp_path.iterdir()] == []
