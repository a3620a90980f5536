import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.coherence.race import run
from benchmarks.coherence.race.options import CHOICES, DEFAULT, RaceOptions
from benchmarks.coherence.race.recording import Race
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.race.races import race, recording


def options(out: Path, *variants: str) -> RaceOptions:
    return RaceOptions.asked_for(variants, out)


def raced(monkeypatch: pytest.MonkeyPatch, out: Path, outcome: Race | Exception) -> tuple[int, str]:
    """Carry out a race that comes out like this; return the exit code and what was said."""

    def record(*_: Any, **__: Any) -> Race:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(run, "record", record)
    shown = io.StringIO()
    with contextlib.redirect_stderr(shown):
        code = run.race(options(out), {}, Console(file=shown, width=100))
    return code, " ".join(shown.getvalue().split())


def test_naive_and_ours_race_unless_other_services_are_named(tmp_path: Path) -> None:
    assert options(tmp_path).variants == DEFAULT
    assert options(tmp_path, "cashews", "cashews").variants == ("cashews",)
    assert {"uncached", "cached", "naive", "cashews"} <= CHOICES.keys()
    assert not {"static", "no-uvloop"} & CHOICES.keys()
    for variant in ("magic", "static"):
        with pytest.raises(UsageError, match="choose from: uncached, cached"):
            options(tmp_path, variant)
    with pytest.raises(UsageError, match="is a file"):
        options(Path(__file__))


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        (race(recording("naive"), recording("cached", revision=2)), 0, "naive: 2 of 2"),
        (race(recording("naive", revision=2)), 3, "shown nothing"),
        (StackError("it waited 5 s to see process A miss."), 4, "see process A miss"),
    ],
)
def test_a_race_is_stored_and_said_unless_a_step_did_not_come_about(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    outcome: Race | Exception,
    code: int,
    words: str,
) -> None:
    ended, said = raced(monkeypatch, tmp_path, outcome)

    assert ended == code
    assert words in said
    folders = [folder.name for folder in tmp_path.iterdir()]
    assert len(folders) == isinstance(outcome, Race)
    assert all("-race-" in name and name in said.replace(" ", "") for name in folders)
