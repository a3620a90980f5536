"""A primary that Redis Sentinel watches, killed or stopped under load."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.redis_sentinel import OwnSentinels, running_sentinels
from tests import needs
from tests.faults.redis_faults import held, until_closed
from tests.faults.redis_rows import assert_harmless
from tests.faults.several_stage import staged_on
from tests.faults.stage import Stage

pytestmark = [pytest.mark.servers, pytest.mark.timeout(150)]

_LONG = pytest.mark.skipif(
    os.environ.get("FAULTS_PROFILE") != "long", reason="only with FAULTS_PROFILE=long"
)


def row(fault: str, injected: str, expected: str) -> pytest.MarkDecorator:
    """Return the mark of a row about Sentinel."""
    return pytest.mark.fault("Redis Sentinel", fault, injected, expected)


@contextmanager
def killed(sentinels: OwnSentinels) -> Iterator[None]:
    """Kill the primary, and start it again when the Sentinels have made the replica one."""
    primary = sentinels.primary
    sentinels.kill(primary)
    yield
    sentinels.wait_for_another(primary)
    sentinels.start(primary)


@contextmanager
def stopped(sentinels: OwnSentinels) -> Iterator[None]:
    """Stop the primary until the Sentinels have made the replica one, and let it go on."""
    primary = sentinels.primary
    process = sentinels.process(primary)
    process.pause()
    try:
        yield
        sentinels.wait_for_another(primary)
    finally:
        process.resume()


ROWS = [
    pytest.param(
        killed,
        marks=row(
            "the primary is killed",
            "`kill -9`; Sentinels promote its replica after one to three seconds",
            "the service follows; another incarnation, so a new namespace",
        ),
        id="killed",
    ),
    pytest.param(
        stopped,
        marks=[
            row(
                "the primary is stopped until the replica was promoted",
                "SIGSTOP, SIGCONT: for a moment there are two primaries",
                "a namespace is used on one of them or on none",
            ),
            _LONG,
        ],
        id="stopped",
    ),
]


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSentinels]:
    needs.program("redis-server")
    with running_sentinels(tmp_path_factory.mktemp("sentinels")) as sentinels:
        yield sentinels


@pytest.fixture(scope="module")
def stage(
    sentinels: OwnSentinels, servers: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with staged_on(sentinels.url, servers, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.mark.parametrize("broken", ROWS)
def test_users_notice_nothing_but_the_time(
    stage: Stage,
    sentinels: OwnSentinels,
    figures: dict[str, object],
    broken: Callable[[OwnSentinels], AbstractContextManager[None]],
) -> None:
    sentinels.wait_whole()
    outcome = stage.under(held(until_closed(lambda _: broken(sentinels)), 1.0))
    figures.update(outcome.figures())

    assert_harmless(outcome)
    assert outcome.fence_moves
