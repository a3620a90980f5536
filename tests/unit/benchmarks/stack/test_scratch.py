"""The folder of a run is gone after it, or at the latest with the next one."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchmarks.stack.scratch import scratch_folder

HOLDS_A_FOLDER = """
import signal
from benchmarks.stack.scratch import scratch_folder

with scratch_folder() as folder:
    (folder / "data").mkdir()
    print(folder, flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_it_is_there_for_the_block_and_nothing_is_left(temporary: Path) -> None:
    def fail() -> None:
        with scratch_folder() as folder:
            (folder / "file").touch()
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail()
    assert list(temporary.iterdir()) == []


def test_one_whose_process_was_killed_is_removed_with_the_next_and_no_other_is(
    temporary: Path,
) -> None:
    (temporary / "fivefold-other").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_FOLDER], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        held = Path(other.stdout.readline().strip())
        with scratch_folder():
            while_it_runs = held.exists()
        other.send_signal(signal.SIGKILL)
    after_its_end = held.exists()
    with scratch_folder() as folder, scratch_folder() as beside:
        now = set(temporary.iterdir())

    assert (while_it_runs, after_its_end) == (True, True)
    assert now == {folder, beside, temporary / "fivefold-other"}
