import pytest

from tests.model.ledger import Ledger

LEDGER = Ledger("model check of the protocol")


@pytest.fixture
def ledger() -> Ledger:
    return LEDGER


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    LEDGER.write(terminalreporter)
