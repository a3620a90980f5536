import signal
import sys
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from uvicorn import Config
from uvicorn.supervisors.multiprocess import SIGNALS, Process

from service.server import STARTUP_FAILURE, Supervisor, serve


@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [
        ("--host", "", "a host name or an address"),
        ("--host", "a..b", "a host name or an address"),
        ("--port", "99999", "a whole number from 0 to 65535"),
        ("--port", "-1", "a whole number from 0 to 65535"),
        ("--port", "http", "a whole number from 0 to 65535"),
        ("--workers", "0", "a whole number from 1 on"),
        ("--workers", "-1", "a whole number from 1 on"),
        ("--workers", "two", "a whole number from 1 on"),
    ],
)
def test_a_wrong_option_stops_the_start_with_its_name_and_what_it_takes(
    option: str,
    value: str,
    takes: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["service", option, value])
    with pytest.raises(SystemExit) as ended:
        serve("service.app", "from_environment")

    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: argument {option}: takes {takes}\n")


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


def test_a_worker_that_dies_before_it_answers_is_seen_at_once(supervisor: Supervisor) -> None:
    worker = Process(supervisor.config, [])
    # Alive when it is asked for, it ends before it can answer.
    worker.process = Mock(exitcode=STARTUP_FAILURE, pid=None)
    supervisor.processes = [worker]

    supervisor.keep_subprocess_alive()

    assert supervisor.should_exit.is_set()
