"""Pages name tests that exist; the one about security leaves nothing without one unexplained."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
DEFECTS = ROOT / "tests" / "defects" / "README.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ID = re.compile(r"\d+\.\d+\.\d+(, \d+\.\d+\.\d+)*")
_REASONS = ("not met, because ", "not tested, because ", "stated here")


def _rows() -> list[list[str]]:
    """Return the cells of each requirement."""
    lines = PAGE.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if _ID.fullmatch(row[0])]


def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


@pytest.mark.parametrize("page", [PAGE, DEFECTS], ids=lambda page: page.parent.name)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    named = set(_TEST.findall(page.read_text()))

    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (ROOT / path).exists() or name not in _tests_in(ROOT / path)
    ]

    assert named
    assert missing == []


def test_every_row_has_a_test_or_a_reason() -> None:
    rows = _rows()

    unexplained = [
        row[0] for row in rows if not _TEST.search(row[-1]) and not row[-1].startswith(_REASONS)
    ]

    assert len(rows) > 50
    assert {len(row) for row in rows} == {4}
    assert unexplained == []


def test_every_file_of_this_folder_is_on_the_page() -> None:
    page = PAGE.read_text()
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}

    assert [name for name in sorted(files) if f"tests/security/{name}::" not in page] == []
