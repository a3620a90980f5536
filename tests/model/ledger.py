"""What a proof found, told at the end of the test run, where nobody has to ask for it."""

from typing import Any

import pytest

Ledger = list[str]


def told_at_the_end(title: str) -> tuple[Any, Any]:
    """Return the fixture ``ledger``, which takes lines, and the hook that writes the section."""
    lines: Ledger = []

    @pytest.fixture(name="ledger")
    def fixture() -> Ledger:
        return lines

    def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)

    return fixture, pytest_terminal_summary
