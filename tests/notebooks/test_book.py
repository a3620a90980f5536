"""Notebooks that fail in every way: told by notebook and cell, and rendered all the same."""

import os
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from benchmarks.notebook.__main__ import notebooks
from benchmarks.notebook.execute import Failure, execute
from benchmarks.notebook.pair import read

BROKEN = """# %% [markdown]
# # 1. Broken
#
# Does it say so?

# %%
raise ValueError("on purpose")

# %%
while True:
    pass

# %%
import os

print("still here as", os.getpid())
"""
DEAD = "# %%\nprint('alive')\n\n# %%\nimport os\n\nos._exit(1)\n\n# %%\nprint('never')\n"


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def app() -> Typer:
    program = Typer()
    program.command()(notebooks)
    return program


def script(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "01-broken.py"
    file.write_text(text)
    return file


def test_a_cell_that_fails_or_hangs_keeps_no_other_from_running(tmp_path: Path) -> None:
    notebook = read(script(tmp_path, BROKEN))

    failure = execute(notebook, tmp_path, environment={}, timeout_s=2)

    assert failure == Failure(2, "ValueError: on purpose")
    assert notebook.cells[2].outputs[-1].ename == "KeyboardInterrupt"
    said = notebook.cells[3].outputs[-1].text
    assert said.startswith("still here as ")
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.split()[-1]), 0)


def test_a_kernel_that_dies_is_told_by_the_cell_that_killed_it(tmp_path: Path) -> None:
    notebook = read(script(tmp_path, DEAD))

    assert execute(notebook, tmp_path, environment={}) == Failure(2, "its kernel died")
    assert notebook.cells[0].outputs[-1].text == "alive\n"


def test_a_failure_is_named_and_its_page_written(
    tmp_path: Path, runner: CliRunner, app: Typer
) -> None:
    text = BROKEN.replace("while True:\n    pass\n", "1\n")
    folder = script(tmp_path / "notebooks", text).parent

    result = runner.invoke(app, [str(folder), "--out", str(tmp_path / "out")])

    assert result.exit_code == 1
    assert "01-broken.py: FAILED in cell 2: ValueError: on purpose" in result.output
    page = (tmp_path / "out" / "01-broken.html").read_text()
    assert "ValueError: on purpose" in page
    assert "still here" in page
    contents = (tmp_path / "out" / "index.html").read_text()
    assert '<a href="01-broken.html">1. Broken</a>' in contents
    assert "failed in cell 2" in contents
    assert "Does it say so?" in contents
    assert (folder / "01-broken.ipynb").exists()


def test_a_folder_without_notebooks_is_a_wrong_one(
    tmp_path: Path, runner: CliRunner, app: Typer
) -> None:
    result = runner.invoke(app, [str(tmp_path)])

    assert result.exit_code == 2
    assert "holds no script such as 01-the-claim.py" in result.output


def test_a_wish_to_measure_that_nobody_understands_is_refused(
    tmp_path: Path, runner: CliRunner, app: Typer
) -> None:
    script(tmp_path, BROKEN)

    result = runner.invoke(app, [str(tmp_path)], env={"FIVEFOLD_LIVE": "maybe"})

    assert result.exit_code == 2
    assert "FIVEFOLD_LIVE is 'maybe'" in result.output
    assert not (tmp_path / "01-broken.ipynb").exists()
