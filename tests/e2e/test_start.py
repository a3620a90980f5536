"""How the service starts and how it ends."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.service import without_settings
from tests.e2e.api_client import Api
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


@contextmanager
def two_workers(servers: Stack, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield the supervisor of two workers that answer, and their port."""
    assert servers.redis is not None
    settings = environment(
        MONGODB_URL=servers.mongo.url,
        MONGODB_DATABASE=f"supervised_{secrets.token_hex(4)}",
        REDIS_URL=servers.redis.url,
        JWT_SECRET=SECRET,
    )
    with held_port() as port, log.open("w") as output:
        command = [sys.executable, "-m", "service", "--port", str(port), "--workers", "2"]
        supervisor = subprocess.Popen(
            command, env=settings, stdout=output, stderr=output, start_new_session=True
        )
    try:
        with Api(f"http://{HOST}:{port}") as api:
            until(partial(is_up, api), "answer")
        yield supervisor, port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(supervisor.pid, signal.SIGKILL)
        supervisor.wait()


def test_workers_end_when_their_supervisor_is_killed(servers: Stack, tmp_path: Path) -> None:
    with two_workers(servers, tmp_path / "log") as (supervisor, port):
        supervisor.kill()
        supervisor.wait()

        until(lambda: connects(port) is False, "refuse connections")


def test_workers_that_end_refuse_new_connections_while_an_answer_is_still_due(
    servers: Stack, tmp_path: Path
) -> None:
    head = b"POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    waiting = b"content-length: 2\r\nexpect: 100-continue\r\n\r\n"
    with (
        two_workers(servers, tmp_path / "log") as (supervisor, port),
        socket.create_connection((HOST, port), timeout=60) as client,
    ):
        client.sendall(head + waiting)
        taken = client.recv(1000)
        supervisor.terminate()
        until(lambda: connects(port) is False, "refuse connections")
        client.sendall(b"{}")
        answer = client.recv(1000)
        code = supervisor.wait(60)

    assert taken.startswith(b"HTTP/1.1 100")
    # Not reset later: it was refused before the last worker had ended.
    assert answer.startswith(b"HTTP/1.1 422")
    assert code == 0


def is_up(api: Api) -> bool:
    try:
        return api.get("/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def connects(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True
