"""The options of pytest-benchmark under this project's configuration, in which warnings fail."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SUITE = "def test_of_nothing(benchmark):\n    benchmark(len, ())\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "test_of_nothing.py").write_text(SUITE, encoding="utf-8")
    return tmp_path


def said(folder: Path, *options: str, code: int = 0) -> str:
    asked = ["-p", "no:schemathesis", "--benchmark-only", "--benchmark-max-time=0.01"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *asked, "test_of_nothing.py", *options],
        cwd=folder,
        # A worker of xdist tells its children that they are workers too, and what is added for
        # this suite need not exist in theirs.
        env={name: value for name, value in os.environ.items() if "PYTEST" not in name},
        capture_output=True,
        text=True,
        check=False,
    )
    text = done.stdout + done.stderr
    assert done.returncode == code, text
    return text


def test_comparing_with_nothing_or_with_another_machine_is_said(folder: Path) -> None:
    assert "Can't compare. No benchmark files in" in said(folder, "--benchmark-compare")

    said(folder, "--benchmark-autosave")
    [saved] = (folder / ".benchmarks").rglob("*.json")
    stored = json.loads(saved.read_text(encoding="utf-8"))
    stored["machine_info"]["cpu"]["brand_raw"] = "another one"
    saved.write_text(json.dumps(stored), encoding="utf-8")

    text = said(folder, "--benchmark-compare")
    assert "Benchmark machine_info is different." in text
    assert "(NOW)" in text


def test_a_histogram_is_drawn(folder: Path) -> None:
    said(folder, "--benchmark-histogram=drawn")

    assert (folder / "drawn.svg").stat().st_size


def test_what_became_slower_than_allowed_is_named_with_exit_code_1_and_no_traceback(
    folder: Path,
) -> None:
    hook = "from benchmarks.micro.conftest import pytest_sessionfinish\n"
    (folder / "conftest.py").write_text(hook, encoding="utf-8")
    said(folder, "--benchmark-autosave")
    [saved] = (folder / ".benchmarks").rglob("*.json")
    stored = json.loads(saved.read_text(encoding="utf-8"))
    stored["benchmarks"][0]["stats"]["median"] /= 1000
    saved.write_text(json.dumps(stored), encoding="utf-8")

    text = said(folder, "--benchmark-compare", "--benchmark-compare-fail=median:30%", code=1)
    assert "Field 'median' has failed" in text
    assert "Traceback" not in text
