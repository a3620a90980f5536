"""What is published of hit ratios follows from its results."""

import shutil
from pathlib import Path

import pytest

from benchmarks.cli.rendering import report
from benchmarks.predict.hit_ratio.files import PROFILE, read
from benchmarks.storage.usage import UsageError

PUBLISHED = Path(__file__).parents[5] / "reports" / "published"


def test_the_published_report_follows_from_its_results(tmp_path: Path) -> None:
    for folder in PUBLISHED.glob(f"*-{PROFILE}-*"):
        copy = tmp_path / folder.name
        copy.mkdir()
        shutil.copy(folder / "results.json", copy)

        assert report(copy) == 0

        for file in (path for path in folder.rglob("*") if path.is_file()):
            assert (copy / file.relative_to(folder)).read_bytes() == file.read_bytes()


def test_a_folder_of_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not the folder of a hit ratio"):
        read(tmp_path)
