import json
from pathlib import Path

import pytest

from benchmarks.export.results import assemble
from benchmarks.runs import Run

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted(path for path in (ROOT / "reports" / "published").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", PUBLISHED, ids=[path.name for path in PUBLISHED])
def test_what_is_published_follows_from_its_raw_data(folder: Path) -> None:
    run = Run(folder)
    stored = json.loads(run.results_file.read_text(encoding="utf-8"))

    computed = assemble(stored, run.samples())

    assert stored["state"] == "complete"
    assert computed["verdicts"] == stored["verdicts"]
    assert all(guard["passed"] for guard in computed["guards"])


def test_the_readme_quotes_the_published_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [folder] = [path for path in PUBLISHED if path.name in readme]
    report = (folder / "report.md").read_text(encoding="utf-8")

    quoted = [
        cell.strip()
        for line in readme.splitlines()
        if line.startswith(("| as it is", "| 50 ms per"))
        for cell in line.split("|")[2:5]
    ]

    assert len(quoted) == 9
    assert all(cell in report for cell in quoted)
