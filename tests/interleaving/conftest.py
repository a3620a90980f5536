import pytest

from service.coherence import reads
from tests.model.ledger import Ledger

LEDGER = Ledger("every schedule of the real code")


@pytest.fixture
def ledger() -> Ledger:
    return LEDGER


@pytest.fixture(autouse=True)
def one_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reader that may not fill ask once more before it goes to the database."""
    monkeypatch.setattr(reads, "WAITS_S", (0.002,))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    LEDGER.write(terminalreporter)
