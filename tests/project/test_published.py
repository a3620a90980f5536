import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks.analysis.checks.check import failed_checks
from benchmarks.cli.rendering import render
from benchmarks.report.results import EARLIER, recompute
from benchmarks.storage.plain import to_plain
from benchmarks.storage.run_folder import Run
from tests.readme import BLOCK, README, block
from tests.unit.benchmarks.fake_dependencies import read_only

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted(path for path in (ROOT / "reports" / "published").iterdir() if path.is_dir())


def of_kind(kind: str) -> list[Any]:
    """Return the published folders whose name has this kind, as parameters of a test."""
    found = [path for path in PUBLISHED if f"-{kind}-" in path.name]
    return [pytest.param(path, id=path.name) for path in found]


def files_of(folder: Path) -> dict[Path, bytes]:
    """Return every file with its bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_everything_published_is_of_a_kind_that_is_checked() -> None:
    kinds = {path.name.split("-", 2)[2].rpartition("-")[0] for path in PUBLISHED}

    assert kinds == {"full", "hit-ratio", "race"}


@pytest.mark.parametrize("folder", [*of_kind("race"), *of_kind("hit-ratio")])
def test_a_published_race_or_hit_ratio_follows_from_its_data(folder: Path, tmp_path: Path) -> None:
    for data in (folder / "race.json", folder / "results.json"):
        if data.exists():
            shutil.copy(data, tmp_path)

    assert render(tmp_path) == 0
    assert files_of(tmp_path) == files_of(folder)


@pytest.mark.parametrize("folder", [*of_kind("race"), *of_kind("hit-ratio")])
def test_a_race_or_hit_ratio_that_cannot_be_written_again_is_printed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "write_all", read_only)

    assert render(folder) == 4

    shown, said = capsys.readouterr()
    # A narrow terminal breaks titles.
    text = " ".join(shown.split())
    assert any(title in text for title in ("what was said", "Predicted and measured"))
    assert said.startswith(f"{folder} cannot be written (Read-only file system). These files stay")


@pytest.mark.parametrize("folder", of_kind("full"))
def test_what_is_published_follows_from_its_raw_data(folder: Path) -> None:
    run = Run(folder)
    stored = json.loads(run.results_file.read_text(encoding="utf-8"))

    computed = recompute(run)

    assert stored["state"] == "complete"
    assert failed_checks(computed.checks) == []
    # What an earlier version stored was judged by other rules; what was measured is the same.
    assert to_plain(computed.blocks) == stored["blocks"]
    assert stored["schema"] == EARLIER or to_plain(computed.verdicts) == stored["verdicts"]


def test_the_readme_quotes_the_published_run() -> None:
    readme = README.read_text(encoding="utf-8")
    [folder] = [path for path in PUBLISHED if path.name in readme]

    assert BLOCK.findall(readme) == [block(folder)]
