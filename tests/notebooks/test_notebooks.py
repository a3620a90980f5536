"""Every notebook runs on what git would check out, and becomes a page that needs nothing else."""

import ast
import copy
import json
import shutil
import subprocess
from os.path import normpath
from pathlib import Path

import nbformat
import pytest

from benchmarks.notebook.book import Chapter, Done, chapters, run
from benchmarks.notebook.pair import pair, read, sources, to_json
from tests.notebooks.pages import is_told, pictures, requests
from tests.unit.benchmarks.export.html.document import Document

# A notebook has a kernel of its own, which imports everything: a minute on a busy machine.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
SCRIPTS = sources(ROOT / "notebooks")
NEEDED = ("service", "benchmarks", "notebooks", "reports/published")
LONGEST = 10
"""Lines of a function in a notebook; what is longer belongs where it is tested."""

every_notebook = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a clean checkout would hold; without git, all there is but old runs."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in _known_to_git() or NEEDED:
        source, copied = ROOT / name, folder / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copied)
        elif source.exists():
            shutil.copyfile(source, copied)
    return folder


def _known_to_git() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *NEEDED]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [name for name in listed.stdout.split("\0") if name]


def executed(checkout: Path, name: str) -> Done:
    found = chapters(checkout / "notebooks")
    chapter = next(each for each in found if each.script.stem == name)
    notebook = copy.deepcopy(chapter.notebook)
    where = "import benchmarks\nprint(benchmarks.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(where))
    environment = {
        "PYTHONPATH": str(checkout),
        "FIVEFOLD_LIVE": "0",
        "FIVEFOLD_RUN": "",
        "FIVEFOLD_EARLIER": "",
        "IPYTHONDIR": str(checkout / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(checkout / "runtime"),
    }
    return run(Chapter(chapter.script, notebook), found, live=False, environment=environment)


@every_notebook
def test_a_notebook_runs_and_its_page_needs_nothing_else(script: Path, checkout: Path) -> None:
    done = executed(checkout, script.stem)

    assert done.failure is None
    assert str(checkout / "benchmarks") in done.page
    document = Document(done.page)
    assert requests(document) == []
    assert pictures(document)
    assert [each.attrs for each in pictures(document) if not is_told(each)] == []
    assert document.all("h1")[0].text == document.one("title").text
    leads = [each.attrs["href"].partition("#")[0] for each in document.all("a")]
    # The folder of the pages need not be there, so the way up from it is worked out, not walked.
    files = [normpath(ROOT / "reports/notebooks" / lead) for lead in leads if lead[:3] == "../"]
    broken = [file for file in files if not Path(file).exists()]
    assert broken == []


@every_notebook
def test_the_pair_of_a_notebook_has_the_same_cells_and_no_outputs(script: Path) -> None:
    file = pair(script)

    assert file.read_text(encoding="utf-8") == to_json(read(script)), "run: make notebooks"
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


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
    prose = [cell.source for cell in read(script).cells if cell.cell_type == "markdown"]

    assert [text for text in prose if "$$" in text or "\\(" in text] == []


def test_no_pair_is_left_without_its_script() -> None:
    pairs = {file.stem for file in (ROOT / "notebooks").glob("*.ipynb")}

    assert pairs == {script.stem for script in SCRIPTS}
    assert SCRIPTS
