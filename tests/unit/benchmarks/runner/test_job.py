"""How a job ends: what is kept of it, and what it says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.report.page import Page, Published
from benchmarks.runner.job import Job, carry_out
from benchmarks.storage.run_folder import Run


class DoneJob(Job):
    """Measures nothing, and may have ``latest`` lead to its folder, as comparisons do."""

    measured = True

    def __init__(self, out: Path, *, latest: bool) -> None:
        super().__init__()
        self._out = out
        self._latest = latest

    def run(self, environ: object) -> None:
        del environ
        self.folder = Run.create(self._out, "quick", datetime(2026, 1, 1, tzinfo=UTC))
        if self._latest:
            self.folder.point_latest()

    def publish(self, run: Run) -> Published:
        del run
        return Published(Page("A run", [], []), check_failed=False)


@pytest.mark.parametrize("latest", [True, False])
def test_only_a_run_to_which_latest_leads_is_said_to_be_there(
    tmp_path: Path, *, latest: bool
) -> None:
    (tmp_path / "latest").symlink_to("20251231-000000-quick-0000")
    console = Console(record=True, width=500)

    assert carry_out(DoneJob(tmp_path, latest=latest), {}, console) == 0

    assert (f"({tmp_path / 'latest'})" in console.export_text()) is latest
