"""The servers that every run of the machine shares, and what the runs found."""

from collections.abc import Iterator

import pytest

from benchmarks.stack.embedded import Stack
from tests import needs
from tests.model.ledger import told_at_the_end
from tests.stateful.deployment import Ground, open_ground

ledger, pytest_terminal_summary = told_at_the_end("state machine over real processes")


@pytest.fixture(scope="session")
def ground(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Start the uncached service."""
    needs.program("redis-server")
    with open_ground(servers.mongo.url, tmp_path_factory.mktemp("stateful")) as ground:
        yield ground
