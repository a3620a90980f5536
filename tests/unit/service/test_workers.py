import signal
from collections.abc import Iterator
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.supervisors.multiprocess import SIGNALS, Process

from service.server import STARTUP_FAILURE, Supervisor


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Lend one whose workers have an hour to answer."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        config = Config("", workers=1, timeout_worker_healthcheck=3600, log_config=None)
        yield Supervisor(config, sockets=[])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Dying:
    """A process that was alive when it was asked for, and ends before it can answer."""

    exitcode = STARTUP_FAILURE
    pid = None

    def is_alive(self) -> bool:
        return True

    def kill(self) -> None:
        """It has ended already."""

    def join(self) -> None:
        """It has ended already."""


def test_a_worker_that_dies_before_it_answers_is_seen_at_once(supervisor: Supervisor) -> None:
    worker = Process(supervisor.config, [])
    dying: Any = _Dying()
    worker.process = dying
    supervisor.processes = [worker]

    supervisor.keep_subprocess_alive()

    assert supervisor.should_exit.is_set()
