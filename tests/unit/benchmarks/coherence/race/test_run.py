import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.coherence.race import run
from benchmarks.coherence.race.recording import Race
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.coherence.race.races import race, recording

LOST = race(recording("naive"), recording("cached", revision=2))
Raced = Callable[..., tuple[int, str]]


@pytest.fixture(name="raced")
def _raced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Raced:
    def raced(outcome: Race | Exception, *variants: str, out: Path = tmp_path) -> tuple[int, str]:
        """Carry out a race that comes out like this; return the exit code and what was said."""

        def record(names: Sequence[str], *_: Any, **__: Any) -> Race:
            sys.stdout.write(f"{names} play\n")
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(run, "record", record)
        code = run.race(variants, out, {}, Console(width=100))
        return code, " ".join("".join(capsys.readouterr()).split())

    return raced


def test_naive_and_ours_race_unless_other_services_are_named(raced: Raced) -> None:
    assert "('naive', 'cached') play" in raced(LOST)[1]
    assert "('uncached',) play" in raced(LOST, "uncached", "uncached")[1]
    for variant in ("magic", "static", "no-uvloop"):
        with pytest.raises(UsageError, match="choose from: uncached, cached"):
            raced(LOST, variant)
    with pytest.raises(UsageError, match="is a file"):
        raced(LOST, out=Path(__file__))


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        (LOST, 0, "naive: 2 of 2"),
        (race(recording("naive", revision=2)), 3, "shown nothing"),
        (StackError("it waited 5 s to see process A miss."), 4, "see process A miss"),
    ],
)
def test_a_race_is_stored_and_said_unless_a_step_did_not_come_about(
    raced: Raced, tmp_path: Path, outcome: Race | Exception, code: int, words: str
) -> None:
    ended, said = raced(outcome)

    assert ended == code
    assert words in said
    folders = [folder.name for folder in tmp_path.iterdir()]
    assert len(folders) == isinstance(outcome, Race)
    assert all("-race-" in name and name in said for name in folders)
