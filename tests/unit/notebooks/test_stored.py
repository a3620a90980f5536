from pathlib import Path

import pytest

from benchmarks.report.results import empty, to_json
from benchmarks.storage.usage import UsageError
from notebooks.lib.stored import ROOT, newest, published, stored
from tests.unit.benchmarks import simulate


def test_the_newest_run_of_a_kind_is_the_one_with_the_last_name(tmp_path: Path) -> None:
    for name in ("20260101-090000-full-ffff", "20260102-080000-full-0000", "20260103-1-quick-1"):
        (tmp_path / name).mkdir()

    assert newest(tmp_path, "full").name == "20260102-080000-full-0000"
    assert newest(tmp_path, "quick").name == "20260103-1-quick-1"


def test_a_kind_that_was_never_published_is_told_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "20260101-090000-full-ffff").mkdir()

    with pytest.raises(UsageError, match="no run of kind quick; there: 20260101-090000-full-ffff"):
        newest(tmp_path, "quick")


def test_the_published_run_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    run = published()

    assert run.path.parent == ROOT / "reports" / "published"
    assert run.results["options"]["profile"] == "full"


def test_a_run_is_read_with_its_samples(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(to_json(empty(simulate.header())))

    run = stored(tmp_path)

    assert run.results["options"]["variants"] == ["uncached", "cached"]
    assert run.samples() == []


@pytest.mark.parametrize("text", [None, "{}", "nothing"])
def test_what_is_no_run_is_told_by_its_folder(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "results.json").write_text(text)

    with pytest.raises(UsageError, match=f"{tmp_path} is not the folder of a comparison"):
        stored(str(tmp_path))
