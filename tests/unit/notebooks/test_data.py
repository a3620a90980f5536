"""Where the numbers of a notebook come from: what is published or, live, what is measured."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks.coherence.race.report import KIND
from benchmarks.predict.hit_ratio.report import PROFILE
from benchmarks.stack.errors import StackError
from benchmarks.storage.plain import to_json
from benchmarks.storage.usage import UsageError
from notebooks.lib.coherence import recorded
from notebooks.lib.data import (
    PUBLISHED,
    ROOT,
    compared,
    fivefold,
    live,
    measured,
    newest,
    published,
    stored,
)
from notebooks.lib.hits import measured as measured_points
from tests.unit.benchmarks import simulate

NAME = "20260101-090000-quick-abcd"


class RecordedCommand:
    """A fivefold that measures nothing; it leaves a run as the real one does."""

    def __init__(self, code: int, said: str = "", *, kind: str = "") -> None:
        self.answer = (code, said)
        self.asked: list[Sequence[str]] = []
        self._kind = kind

    def __call__(self, arguments: Sequence[str]) -> tuple[int, str]:
        self.asked.append(arguments)
        out = Path(next(each for each in arguments if each.startswith("--out="))[6:])
        if self._kind:
            shutil.copytree(newest(PUBLISHED, self._kind), out / f"20991231-1-{self._kind}-1")
        else:
            (out / NAME).mkdir(parents=True)
            (out / NAME / "results.json").write_text(to_json(simulate.header()))
            (out / "latest").symlink_to(NAME)
        return self.answer


@pytest.fixture(params=["live", "published"])
def is_live(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setenv("FIVEFOLD_LIVE", "1" if request.param == "live" else "")
    return bool(request.param == "live")


def test_notebooks_measure_only_when_asked_to_and_show_the_published_run_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)
    monkeypatch.chdir(tmp_path)

    assert [live({"FIVEFOLD_LIVE": value}) for value in ("1", "0", "")] == [True, False, False]
    assert live({}) is False
    for value in ("yes", "true", "2", " 1"):
        with pytest.raises(UsageError, match=r"FIVEFOLD_LIVE is .*; it takes 1"):
            live({"FIVEFOLD_LIVE": value})
    assert measured("session").path == published().path
    assert published().path.parent == ROOT / "reports" / "published"
    assert published().results.options.profile == "full"


@pytest.mark.parametrize(
    ("code", "shown"), [(0, True), (1, True), (3, True), (2, False), (4, False)]
)
def test_a_run_that_ended_is_shown_whatever_it_decided_and_one_that_broke_told_in_its_own_words(
    tmp_path: Path, code: int, *, shown: bool
) -> None:
    command = RecordedCommand(code, "no such scenario")
    options = ("--profile=quick", "--scenario=session")
    if shown:
        assert compared(*options, out=tmp_path, command=command).path == tmp_path / NAME
    else:
        with pytest.raises(StackError, match=f"ended with {code}: no such scenario"):
            compared(*options, out=tmp_path, command=command)

    assert command.asked == [["compare", *options, f"--out={tmp_path}"]]


@pytest.mark.parametrize(
    ("read", "kind", "asked"),
    [(measured_points, PROFILE, ["hit-ratio", "--measure"]), (recorded, KIND, ["race"])],
)
def test_points_and_races_are_published_or_what_the_command_makes_now(
    read: Callable[..., object], kind: str, asked: list[str], tmp_path: Path, *, is_live: bool
) -> None:
    command = RecordedCommand(1, kind=kind)

    found = read(tmp_path, command=command)

    assert found
    assert [each[: len(asked)] for each in command.asked] == ([asked] if is_live else [])
    if is_live:
        with pytest.raises(StackError, match="no step came about"):
            read(tmp_path / "again", command=RecordedCommand(4, "no step came about"))


def test_the_newest_of_a_kind_is_the_one_with_the_last_name(tmp_path: Path) -> None:
    for name in ("20260101-090000-full-ffff", "20260102-080000-full-0000", "20260103-1-quick-1"):
        (tmp_path / name).mkdir()

    assert newest(tmp_path, "full").name == "20260102-080000-full-0000"
    assert newest(tmp_path, "quick").name == "20260103-1-quick-1"
    with pytest.raises(UsageError, match="no run of kind race; there: 20260101-090000-full-ffff"):
        newest(tmp_path, "race")


def test_a_run_is_read_and_a_folder_without_one_is_named(
    tmp_path: Path,
) -> None:
    for text in (None, "{}", "nothing"):
        if text is not None:
            (tmp_path / "results.json").write_text(text)
        with pytest.raises(UsageError, match=f"{tmp_path} is not the folder of a run"):
            stored(str(tmp_path))
    (tmp_path / "results.json").write_text(to_json(simulate.header()))
    run = stored(tmp_path)

    assert run.results.options.variants == ("uncached", "cached")


def test_the_command_is_that_of_this_project() -> None:
    code, said = fivefold(["--nonsense"])

    assert code == 2
    assert "--nonsense" in said
