"""The page that a run of the fault matrix writes: one row per fault, with what was measured."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import pytest
from _pytest.mark import ParameterSet

_HEAD = """# What happens when something breaks

Written by a run of the fault matrix, not by hand. Repeat it, and this page, with

    pytest tests/faults --faults-page docs/faults.md

{environment}

Every row is a test that passed. A test fails when what must happen does not, when a read returned
something older than a write acknowledged before it began ("stale"), and for an answer from 500 on:
for any while Redis breaks, for any but 503 with Retry-After while MongoDB or the process does. Only
rows in which something stale is expected show how much. Times are of this machine, and no test
asserts them: each waits for an event, and a fault lasts until a request has met it.
The services run with shorter intervals than by default, so that the rows are short: a lease of 0.3
to 0.6 s in place of 0.9 s, 1 s for the database in place of 5 s, and 0.1 to 0.2 s in place of 3 s
in which Redis must have answered to be trusted again. Where a test takes its steps one by one, the
intervals are longer than its steps take on any machine. With the defaults, recovery takes up to ten
seconds.
"""
_COLUMNS = "| fault | how it is made | what must happen | what was measured |\n|---|---|---|---|"


Row = tuple[str, str, str, str, str]
"""Of one fault as it went: group, fault, injected, expected, figures."""


def fault(group: str, name: str, injected: str, expected: str) -> pytest.MarkDecorator:
    """Return the mark of a row."""
    return pytest.mark.fault(group, name, injected, expected)


def row(group: str, what: object, name: str, injected: str, expected: str) -> ParameterSet:
    """Return a case of a parametrized test with its row."""
    return pytest.param(what, marks=fault(group, name, injected, expected), id=name)


def render(rows: Sequence[Row], environment: str) -> str:
    """Return the page in Markdown."""
    parts = [_HEAD.format(environment=environment)]
    for group, members in groupby(rows, key=itemgetter(0)):
        cells = [[cell.replace("|", "\\|") for cell in row[1:]] for row in members]
        parts += [f"## {group}\n", _COLUMNS, *(f"| {' | '.join(each)} |" for each in cells), ""]
    return "\n".join(parts)
