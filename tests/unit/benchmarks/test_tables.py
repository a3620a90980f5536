"""No table that a command prints loses a cell, at any width of a terminal."""

from collections.abc import Callable, Iterator, Mapping
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from benchmarks.report.page import Page, Section, Table
from benchmarks.report.terminal import print_page
from benchmarks.report.view import page
from tests.unit.benchmarks.report.runs import everything, target_run
from tests.unit.benchmarks.report.test_load import results as load_results

WIDTHS = (80, 100, 120, 160)
PAGES: Mapping[str, Callable[[], Page]] = {
    "compare": lambda: page(everything()),
    "compare of targets": lambda: page(target_run()),
    "load": lambda: page(load_results()),
}
CELLS = st.text("abcdefgh 0123456789.[]x", max_size=40)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table as any command may print one."""
    columns = draw(st.integers(1, 9))
    row = st.lists(CELLS, min_size=columns, max_size=columns)
    return Table(draw(row), draw(st.lists(row, min_size=1, max_size=4)))


def tables_of(shown: Page) -> Iterator[Table]:
    """Yield the tables that a terminal shows: that of the checks is in the files."""
    for section in shown.sections:
        if section.table is not None and section.kind not in {"checks", "machine"}:
            yield section.table
    if shown.answer is not None and shown.answer.rows:
        yield shown.answer.table


def without_blanks(text: str) -> str:
    return "".join(text.split())


def assert_whole(shown: Page, width: int) -> None:
    """Check that every cell of every table is printed, and in its row."""
    output = StringIO()
    print_page(shown, Console(file=output, width=width))

    assert max(map(len, output.getvalue().splitlines())) <= width
    text = without_blanks(output.getvalue())
    found = list(tables_of(shown))
    assert found
    for table in found:
        for row in table.rows:
            side_by_side = "".join(map(without_blanks, row))
            records = "".join(
                without_blanks(f"{heading}: {cell}" if heading else cell)
                for heading, cell in zip(table.headings, row, strict=True)
            )
            assert side_by_side in text or records in text, row
        *others, last = table.headings
        # The last one may be folded, and the others stand beside its last line.
        assert all(without_blanks(each) in text for each in others)
        assert all(word[:10] in text for word in last.split())


@given(table=tables(), width=st.sampled_from(WIDTHS))
@example(Table(("a" * 33, "b" * 33, "verdict"), [("c" * 33, "d" * 33, "open")]), 80)
@example(Table(("x", "what"), [("y", "word " * 60)]), 80)
@example(Table(("1", "0" * 30, "2" * 27, "3" * 25), [("", "", "", "4")]), 80)
@example(Table(("x", "what"), [("y", "w" * 300)]), 80)
def test_every_cell_of_any_table_is_whole_and_in_its_row(table: Table, width: int) -> None:
    assert_whole(Page("", [], [Section("", table=table)]), width)


@pytest.mark.parametrize("name", PAGES)
def test_every_cell_of_a_report_is_whole_and_in_its_row(name: str) -> None:
    assert_whole(PAGES[name](), WIDTHS[0])
