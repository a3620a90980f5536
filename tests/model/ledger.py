"""What a proof found, told at the end of the test run, where nobody has to ask for it."""

from dataclasses import dataclass, field

import pytest


@dataclass
class Ledger:
    """The lines of one section."""

    title: str
    lines: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)

    def write(self, reporter: pytest.TerminalReporter) -> None:
        """Write the section, if there is anything in it."""
        if self.lines:
            reporter.section(self.title)
            for line in self.lines:
                reporter.write_line(line)
