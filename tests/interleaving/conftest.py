import logging
from collections.abc import Iterator

import pytest
import structlog

from service.coherence import repository
from tests.model.ledger import told_at_the_end

ledger, pytest_terminal_summary = told_at_the_end("every schedule of the real code")


@pytest.fixture(autouse=True)
def one_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reader that may not fill ask once more before it goes to the database."""
    monkeypatch.setattr(repository, "WAITS_S", (0.002,))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Lay out no line of the log, which would take longer than the search."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()
