"""Numbers as text, and cells of CSV files."""

from collections.abc import Callable

import pytest

from benchmarks.analysis.stats.intervals import Interval
from benchmarks.report.figure import as_text
from benchmarks.report.figures import (
    bounds,
    lifetime,
    ms,
    percent,
    significant,
    size,
    span_ms,
    times,
    wish,
)


@pytest.mark.parametrize(
    ("format_", "texts"),
    [
        (ms, {None: "-", 0.4: "0.40", 9.994: "9.99", 54.32: "54.3", 250.4: "250", 1234.5: "1234"}),
        (percent, {
            0: "0 %", 0.5: "50 %", 0.8163: "81.6 %", 1: "100 %", 0.9999: "99.99 %",
            0.0001: "0.01 %", 0.1: "10 %",
        }),
        (lifetime, {
            0.5: "0.5 seconds", 42: "42 seconds", 90: "90 seconds", 300: "5 minutes",
            7200: "2 hours", 864_000: "10 days",
        }),
        (size, {500: "500 bytes", 2048: "2 KiB", 7_654_321: "7.3 MiB", 3 << 30: "3 GiB"}),
        (wish, {5: "5x", 2.5: "2.5x", 4.63: "4.63x"}),
    ],
)  # fmt: skip
def test_amounts_are_written_as_people_do(
    format_: Callable[[float], str], texts: dict[float, str]
) -> None:
    assert {number: format_(number) for number in texts} == texts


def test_a_number_has_no_exponent() -> None:
    given = [(6000.0, 3), (12_345.6, 3), (0.0000123, 2), (5.0, 3)]

    assert [significant(*each) for each in given] == ["6000", "12300", "0.000012", "5"]


def test_a_ratio_comes_with_its_bounds_or_says_that_there_are_none() -> None:
    assert f"{times(4.6296)} {bounds(Interval(4.6296, 4.5, 4.754))}" == "4.63x [4.50, 4.75]"
    assert span_ms(None) == "-"
    assert bounds(None) == "[-]"


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "-a"])
def test_a_cell_that_would_be_a_formula_is_a_text(cell: str) -> None:
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-", "-0.5", "+12 %", "1.5", "", "cached", "a=b"])
def test_a_number_and_a_name_stay_as_they_are(cell: str) -> None:
    assert as_text(cell) == cell
