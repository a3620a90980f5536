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
from playwright.sync_api import Browser

from tests.browser.accessible import barriers_in_every_look
from tests.browser.opened import open_page
from tests.unit.benchmarks.report.html.document import HtmlDocument

# Each notebook has a kernel of its own, which imports everything: minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
SCRIPTS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
LONGEST = 10
"""Lines of a function in a notebook; what is longer belongs where it is tested."""
LARGEST_BYTES = 300_000
BROKEN = '# %%\n1\n\n# %%\nraise ValueError("on purpose")\n'

_ALL_OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"

every_notebook = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run all notebooks and at last one that fails, as ``make notebooks`` does.

    Where a notebook fails, nbconvert stops: those behind it have no page.
    """
    out = tmp_path_factory.mktemp("pages")
    broken = out / "broken.ipynb"
    jupytext.write(jupytext.reads(BROKEN, fmt="py:percent"), broken)
    files = [*(script.with_suffix(".ipynb") for script in SCRIPTS), broken]
    chosen = {"FIVEFOLD_LIVE": "0", "FIVEFOLD_RUN": ""}
    folders = {name: str(out / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR")}
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "jupyter-nbconvert"),
            *("--config", "page/nbconvert.json", f"--KeptNotebook.folder={out}"),
            *("--output-dir", str(out)),
            *map(str, files),
        ],
        cwd=NOTEBOOKS,
        env={**os.environ, **chosen, **folders},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return out, done.stderr


@every_notebook
def test_a_notebook_runs_and_its_page_folds_the_code_and_leads_to_files_that_are_there(
    script: Path, rendered: tuple[Path, str]
) -> None:
    out, said = rendered
    page = out / f"{script.stem}.html"

    assert page.exists(), said
    document = HtmlDocument(page.read_text(encoding="utf-8"))
    assert document.all("svg")
    leads = [each.attrs["href"].partition("#")[0] for each in document.all("a")]
    # The folder of the pages need not be there, so the way up from it is worked out, not walked.
    files = [normpath(ROOT / "reports/notebooks" / lead) for lead in leads if lead[:3] == "../"]
    assert [file for file in files if not Path(file).exists()] == []
    pages = {lead for lead in leads if lead.endswith((".html", ".ipynb"))}
    assert pages <= {f"{each.stem}.html" for each in SCRIPTS}
    moving = [each for each in document.all("em") if "the sliders move in Jupyter" in each.text]
    assert bool(moving) is ("kit.sliders(" in script.read_text(encoding="utf-8"))
    assert "(prefers-color-scheme: dark)" in {
        each.attrs["media"] for each in document.all("style") if "media" in each.attrs
    }
    code = [each for each in document.all("div") if "jp-Editor" in each.attrs.get("class", "")]
    assert code
    assert all(each.is_in("details") for each in code)


@every_notebook
def test_its_page_asks_for_nothing_and_nothing_keeps_somebody_from_reading_it(
    script: Path, rendered: tuple[Path, str], browser: Browser
) -> None:
    out, _ = rendered
    address = (out / f"{script.stem}.html").as_uri()
    with browser.new_context() as context:
        opened = open_page(context)
        opened.page.goto(address)
        opened.page.evaluate(_ALL_OPEN)

        assert barriers_in_every_look(opened.page) == []
        assert opened.requests == [address]


def test_a_cell_that_fails_is_named_and_has_no_page(rendered: tuple[Path, str]) -> None:
    out, said = rendered

    assert 'raise ValueError("on purpose")' in said
    assert not (out / "broken.html").exists()


@every_notebook
def test_a_notebook_is_its_script_which_calls_what_is_tested_elsewhere(script: Path) -> None:
    paired = json.loads(script.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    cells = [(cell.cell_type, cell.source) for cell in jupytext.read(script).cells]
    nodes = [*ast.walk(ast.parse(script.read_text(encoding="utf-8")))]
    imports = [each for each in nodes if isinstance(each, ast.Import | ast.ImportFrom)]
    definitions = [each for each in nodes if isinstance(each, ast.FunctionDef | ast.ClassDef)]

    assert [(cell["cell_type"], "".join(cell["source"])) for cell in paired] == cells, (
        "run: make notebooks"
    )
    assert [getattr(each, "module", None) for each in imports] == ["notebooks.lib"]
    assert [e.name for e in definitions if (e.end_lineno or 0) - e.lineno + 1 > LONGEST] == []
    # A page sets no formulas.
    prose = [source for kind, source in cells if kind == "markdown"]
    assert [text for text in prose if "$$" in text or "\\(" in text] == []


@every_notebook
def test_a_notebook_shows_what_it_shows_today_where_nothing_runs_it(
    script: Path, rendered: tuple[Path, str]
) -> None:
    committed = script.with_suffix(".ipynb")
    out, said = rendered

    assert _seen(committed) == _seen(out / committed.name), f"run: make notebooks\n{said}"
    assert any("image/svg+xml" in data for data in _seen(committed))
    # No more than a reader waits for.
    assert committed.stat().st_size < LARGEST_BYTES


def _seen(notebook: Path) -> list[dict[str, str]]:
    """Return what each output shows; a picture's lines may differ between processors."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output["data"] for cell in cells for output in cell.get("outputs", ())]
    return [
        {kind: "" if "svg" in kind else "".join(value) for kind, value in data.items()}
        for data in outputs
    ]


def test_no_pair_is_left_without_its_script() -> None:
    assert {file.stem for file in NOTEBOOKS.glob("*.ipynb")} == {each.stem for each in SCRIPTS}
    assert SCRIPTS
