import pytest

from service.coherence import repository
from tests.model.ledger import told_at_the_end

ledger, pytest_terminal_summary = told_at_the_end("every schedule of the real code")


@pytest.fixture(autouse=True)
def one_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reader that may not fill ask once more before it goes to the database."""
    monkeypatch.setattr(repository, "WAITS_S", (0.002,))
