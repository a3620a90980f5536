"""Cells of CSV files that a spreadsheet would run."""

import pytest

from benchmarks.report.figure import as_text


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "-a"])
def test_a_cell_that_would_be_a_formula_is_a_text(cell: str) -> None:
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-", "-0.5", "+12 %", "1.5", "", "cached", "a=b"])
def test_a_number_and_a_name_stay_as_they_are(cell: str) -> None:
    assert as_text(cell) == cell
