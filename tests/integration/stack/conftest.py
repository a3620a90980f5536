"""Fixtures that start the stand-in service and scripts of their own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hearing import hearing

HERE = Path(__file__).parent
STAND_IN = "stand_in_service"

Script = Callable[..., subprocess.Popen[str]]


@pytest.fixture(autouse=True)
def _stand_in_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``python -m stand_in_service`` work in every child."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture(name="temporary")
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give children a folder for temporary files, to see what they leave there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture(name="run_script")
def _run_script(temporary: Path) -> Iterator[Script]:
    """Start Python code as a program of its own, in a process group of its own."""
    del temporary
    scripts: list[subprocess.Popen[str]] = []

    def run_script(code: str, *arguments: str) -> subprocess.Popen[str]:
        script = subprocess.Popen(
            hearing("-c", code, *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"},
        )
        scripts.append(script)
        return script

    yield run_script
    for script in scripts:
        script.kill()
        script.communicate()
