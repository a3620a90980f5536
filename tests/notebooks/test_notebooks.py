"""Every notebook runs, and becomes a page that needs nothing else."""

import ast
import json
import os
import subprocess
import sys
from os.path import normpath
from pathlib import Path

import jupytext
import pytest

from tests.notebooks.pages import is_told, pictures, requests
from tests.unit.benchmarks.report.html.document import Document

# A notebook has a kernel of its own, which imports everything: a minute on a busy machine.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
LONGEST = 10
"""Lines of a function in a notebook; what is longer belongs where it is tested."""

every_notebook = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


def render(notebook: Path, out: Path) -> "subprocess.CompletedProcess[str]":
    """Run a notebook and write its page, as ``make notebooks`` does."""
    program = Path(sys.executable).parent / "jupyter-nbconvert"
    options = ("--config", "page/nbconvert.json", "--output-dir", str(out))
    chosen = {"FIVEFOLD_LIVE": "0", "FIVEFOLD_RUN": "", "FIVEFOLD_EARLIER": ""}
    folders = {name: str(out / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR")}
    return subprocess.run(
        [str(program), *options, str(notebook)],
        cwd=NOTEBOOKS,
        env={**os.environ, **chosen, **folders},
        capture_output=True,
        text=True,
        check=False,
    )


@every_notebook
def test_a_notebook_runs_and_its_page_needs_nothing_else(script: Path, tmp_path: Path) -> None:
    done = render(script.with_suffix(".ipynb"), tmp_path)

    assert done.returncode == 0, done.stderr
    document = Document((tmp_path / f"{script.stem}.html").read_text(encoding="utf-8"))
    assert requests(document) == []
    assert pictures(document)
    assert [each.attrs for each in pictures(document) if not is_told(each)] == []
    leads = [each.attrs["href"].partition("#")[0] for each in document.all("a")]
    # The folder of the pages need not be there, so the way up from it is worked out, not walked.
    files = [normpath(ROOT / "reports/notebooks" / lead) for lead in leads if lead[:3] == "../"]
    assert [file for file in files if not Path(file).exists()] == []
    pages = {lead for lead in leads if lead.endswith((".html", ".ipynb"))}
    assert pages <= {f"{each.stem}.html" for each in SCRIPTS}
    assert bool(document.all("fieldset")) is ("kit.sliders(" in script.read_text(encoding="utf-8"))
    assert "(prefers-color-scheme: dark)" in {
        each.attrs["media"] for each in document.all("style") if "media" in each.attrs
    }
    code = [each for each in document.all("div") if "jp-Editor" in each.attrs.get("class", "")]
    assert code
    assert all(each.is_in("details") for each in code)


def test_a_cell_that_fails_is_named_and_fails_the_whole(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    script = '# %%\n1\n\n# %%\nraise ValueError("on purpose")\n'
    jupytext.write(jupytext.reads(script, fmt="py:percent"), broken)

    done = render(broken, tmp_path)

    assert done.returncode == 1
    assert 'raise ValueError("on purpose")' in done.stderr
    assert not (tmp_path / "broken.html").exists()


@every_notebook
def test_the_pair_of_a_notebook_has_the_same_cells_and_no_outputs(script: Path) -> None:
    paired = json.loads(script.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]

    ours = [(cell.cell_type, cell.source) for cell in jupytext.read(script).cells]
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in paired] == ours, (
        "run: make notebooks"
    )
    assert [cell for cell in paired if cell.get("outputs") or cell.get("execution_count")] == []


@every_notebook
def test_a_notebook_imports_what_its_cells_call_from_the_library_of_notebooks(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]

    assert [getattr(each, "module", None) for each in imports] == ["notebooks.lib"]


@every_notebook
def test_the_logic_of_a_notebook_lives_where_it_is_tested(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))

    functions = [
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.ClassDef)
    ]
    too_long = [
        each.name for each in functions if (each.end_lineno or 0) - each.lineno + 1 > LONGEST
    ]
    assert too_long == []


@every_notebook
def test_a_notebook_has_no_formula_that_a_page_cannot_set(script: Path) -> None:
    prose = [cell.source for cell in jupytext.read(script).cells if cell.cell_type == "markdown"]

    assert [text for text in prose if "$$" in text or "\\(" in text] == []


def test_no_pair_is_left_without_its_script() -> None:
    pairs = {file.stem for file in NOTEBOOKS.glob("*.ipynb")}

    assert pairs == {script.stem for script in SCRIPTS}
    assert SCRIPTS
