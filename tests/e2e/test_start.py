"""How the service starts and how it ends, and that without the flag nothing connects to Redis."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST
from benchmarks.stack.service import Service, start_service, without_settings
from tests.e2e.api_client import Api
from tests.light_service import MODULE
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("from_nothing")

SECRET = "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"


def environment(**settings: str) -> dict[str, str]:
    """Return our environment with these settings of the service and no others."""
    return without_settings(os.environ) | settings


def test_a_number_of_a_database_that_redis_does_not_have_is_refused_with_its_name(
    servers: Stack,
) -> None:
    assert servers.redis is not None
    ended = subprocess.run(
        [sys.executable, "-m", "service", "--port", "0"],
        env=environment(JWT_SECRET=SECRET, REDIS_URL=servers.redis.url.replace("/0", "/16")),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("REDIS_URL: takes a URL such as redis://host:6379/0, with")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_service_that_cannot_start_says_so_to_whoever_started_it(workers: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.failing_service", "--port", "0", "--workers", workers],
        env=environment(JWT_SECRET=SECRET),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3, ended.stderr


@pytest.fixture
def supervised(servers: Stack, database_name: str, tmp_path: Path) -> Iterator[Service]:
    """Start a supervisor of two workers."""
    assert servers.redis is not None
    with start_service(
        mongo_url=servers.mongo.url,
        database=database_name,
        redis_url=servers.redis.url,
        log=tmp_path / "log",
        workers=2,
    ) as service:
        yield service


def test_workers_end_when_their_supervisor_is_killed(supervised: Service) -> None:
    os.kill(supervised.process.pid, signal.SIGKILL)

    until(lambda: not connects(supervised), "refuse connections")


def test_workers_that_end_refuse_new_connections_while_an_answer_is_still_due(
    supervised: Service,
) -> None:
    head = b"POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    waiting = b"content-length: 2\r\nexpect: 100-continue\r\n\r\n"
    with socket.create_connection((HOST, port_of(supervised)), timeout=60) as client:
        client.sendall(head + waiting)
        taken = client.recv(1000)
        os.kill(supervised.process.pid, signal.SIGTERM)
        until(lambda: not connects(supervised), "refuse connections")
        client.sendall(b"{}")
        answer = client.recv(1000)
    until(lambda: supervised.process.poll() is not None, "end")

    assert taken.startswith(b"HTTP/1.1 100")
    # Not reset later: it was refused before the last worker had ended.
    assert answer.startswith(b"HTTP/1.1 422")
    assert supervised.process.poll() == 0


def port_of(service: Service) -> int:
    return urlsplit(service.url).port or 0


def connects(service: Service) -> bool:
    try:
        socket.create_connection((HOST, port_of(service)), timeout=1.0).close()
    except OSError:
        return False
    return True


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen at the address of ``REDIS_URL``; connections are kept and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.mark.parametrize("flag", ["true", "false"])
def test_only_with_the_flag_on_does_anybody_connect_to_redis_and_the_service_ends_cleanly(
    servers: Stack, database_name: str, tmp_path: Path, listener: socket.socket, flag: str
) -> None:
    env = {
        "CACHE_ENABLED": flag,
        "REDIS_URL": f"redis://127.0.0.1:{listener.getsockname()[1]}/0",
    }
    with (
        start_service(
            mongo_url=servers.mongo.url,
            database=database_name,
            redis_url=None,
            log=tmp_path / "service.log",
            env=env,
            module=MODULE,
        ) as running,
        Api(running.url) as api,
    ):
        api.sign_up()
        api.post("/todo/", {"heading": "one", "task": ""})
        headings = api.headings()
        ready = api.get("/readyz").json()
        api.post("/auth/logout")
        replay = api.get("/todo/")
        running.process.stop()

        assert running.process.poll() == 0, running.process.log_tail()
    assert headings == ["one"]
    assert replay.json() == {"detail": "Token revoked"}
    assert ready["dependencies"].keys() == {"mongodb"} | ({"redis"} if flag == "true" else set())
    assert ready["dependencies"]["mongodb"] == "ok"
    assert _somebody_connected(listener) == (flag == "true")


def _somebody_connected(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
