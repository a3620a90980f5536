"""The fault matrix as docs/faults.md tells it, whose last column a run of the tests writes."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_ROW = re.compile(r"^(\| (?!fault \|)([^|]+) \|.*\| )[^|]*\|$", re.MULTILINE)
_ENVIRONMENT = re.compile(r"^Measured on .*$", re.MULTILINE)


def fault(name: str) -> pytest.MarkDecorator:
    """Return the mark of the test of this row of the page."""
    return pytest.mark.fault(name)


def row(what: object, name: str) -> ParameterSet:
    """Return a case of a parametrized test with its row."""
    return pytest.param(what, marks=fault(name), id=name)


def names() -> set[str]:
    """Return the names of all rows."""
    return {found[2] for found in _ROW.finditer(PAGE.read_text())}


def filled(page: str, measured: Mapping[str, str], environment: str) -> str:
    """Return the page with what was measured in each row; raises ``KeyError`` for one not run."""
    told = _ROW.sub(lambda row: f"{row[1]}{measured[row[2]]} |", page)
    return _ENVIRONMENT.sub(environment, told)
