import json
from pathlib import Path

import pytest

from benchmarks.notebook.pair import NotebookUnreadable, pair, read, sources, to_json

SCRIPT = "# %% [markdown]\n# # A question\n\n# %%\nanswer = 42\nanswer\n"


def script(folder: Path, text: str = SCRIPT, name: str = "01-a-question.py") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_notebooks_are_the_numbered_scripts_in_their_order(tmp_path: Path) -> None:
    for name in ("02-b.py", "01-a.py", "conftest.py", "01-a.ipynb"):
        (tmp_path / name).touch()

    assert [file.name for file in sources(tmp_path)] == ["01-a.py", "02-b.py"]
    assert pair(tmp_path / "01-a.py").name == "01-a.ipynb"


def test_a_pair_has_the_cells_of_its_script_and_nothing_that_was_run(tmp_path: Path) -> None:
    document = json.loads(to_json(read(script(tmp_path))))

    prose, code = document["cells"]
    assert "".join(prose["source"]) == "# A question"
    assert (code["outputs"], code["execution_count"]) == ([], None)
    assert document["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }


def test_the_same_script_gives_the_same_bytes(tmp_path: Path) -> None:
    file = script(tmp_path)

    assert to_json(read(file)) == to_json(read(file))


def test_a_changed_cell_leaves_the_lines_of_the_others_as_they_were(tmp_path: Path) -> None:
    before = read(script(tmp_path)).cells
    after = read(script(tmp_path, "# %% [markdown]\n# New\n\n" + SCRIPT.replace("42", "43"))).cells

    assert before[0].id == after[1].id
    assert before[1].id != after[2].id


def test_cells_of_the_same_text_are_told_apart(tmp_path: Path) -> None:
    cells = read(script(tmp_path, "# %%\nsame\n\n# %%\nsame\n\n# %%\nsame\n")).cells

    assert len({cell.id for cell in cells}) == 3


def test_a_script_without_cells_is_no_notebook(tmp_path: Path) -> None:
    with pytest.raises(NotebookUnreadable, match=r"01-a-question\.py has no cell"):
        read(script(tmp_path, ""))
