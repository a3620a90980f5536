"""A primary that Redis Sentinel watches, killed or stopped under load."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from benchmarks.stack.embedded import Stack
from tests import needs
from tests.faults.page import row
from tests.faults.redis_faults import held, until_closed
from tests.faults.testbed import FleetTestbed, fleet_testbed
from tests.redis_sentinel import OwnSentinels, running_sentinels

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]


@contextmanager
def killed(sentinels: OwnSentinels) -> Iterator[None]:
    """Kill the primary, and start it again when the Sentinels have made the replica one."""
    primary = sentinels.primary
    primary.process.kill()
    yield
    sentinels.wait_for_another(primary)
    primary.restart()


@contextmanager
def stopped(sentinels: OwnSentinels) -> Iterator[None]:
    """Stop the primary until the Sentinels have made the replica one, and let it go on."""
    primary = sentinels.primary
    process = primary.process
    process.pause()
    try:
        yield
        sentinels.wait_for_another(primary)
    finally:
        process.resume()


ROWS = [
    row(killed, "the primary is killed"),
    row(stopped, "the primary is stopped until the replica was promoted"),
]


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSentinels]:
    needs.program("redis-server")
    with running_sentinels(tmp_path_factory.mktemp("sentinels")) as sentinels:
        yield sentinels


@pytest.fixture(scope="module", name="testbed")
def _testbed(
    sentinels: OwnSentinels, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FleetTestbed]:
    folder = tmp_path_factory.mktemp("testbed")
    with fleet_testbed(servers, folder, redis_url=sentinels.url) as testbed:
        yield testbed


@pytest.mark.parametrize("broken", ROWS)
def test_users_notice_nothing_but_the_time(
    testbed: FleetTestbed,
    sentinels: OwnSentinels,
    figures: dict[str, object],
    broken: Callable[[OwnSentinels], AbstractContextManager[None]],
) -> None:
    sentinels.wait_whole()
    outcome = testbed.harmless(
        held(until_closed(lambda _: broken(sentinels)), 1.0), figures=figures
    )

    assert outcome.fence_moves
