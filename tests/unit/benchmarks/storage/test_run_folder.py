from datetime import UTC, datetime
from pathlib import Path

from benchmarks.storage.run_folder import Run
from tests.unit.benchmarks.simulate import sample

NOW = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)


def test_latest_points_at_the_newest_run_that_measured_something(tmp_path: Path) -> None:
    first, second, empty = (Run.create(tmp_path, "quick", NOW) for _ in range(3))
    first.append([sample()])
    second.append([sample()])
    first.append([sample()])

    # Every block is on disk as soon as it is appended.
    assert len(Run(first.path).samples()) == 2
    latest = tmp_path / "latest"
    assert latest.resolve() == second.path
    assert not latest.readlink().is_absolute()
    assert empty.samples() == []


def test_a_file_is_replaced_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    run = Run.create(tmp_path, "quick", NOW)
    for text in ("one", "two"):
        run.write_all({run.path / "report.md": text})

    assert (run.path / "report.md").read_text() == "two"
    assert sorted(path.name for path in run.path.iterdir()) == ["logs", "report.md"]
