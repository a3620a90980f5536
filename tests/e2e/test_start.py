"""How the service starts and how it ends."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from benchmarks.stack.embedded import Stack, start_mongo
from benchmarks.stack.ports import HOST, held_port
from benchmarks.stack.service import SERVICE_VARIABLES
from service.domain import UserId
from service.security import Tokens
from tests.e2e.api_client import Api
from tests.e2e.unready import unready_service
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("from_nothing")

SECRET = "q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"
WRONG = {
    "MONGODB_URL": "localhost:27017",
    "MONGODB_DATABASE": "a/b",
    "REDIS_URL": "http://localhost",
    "CACHE_ENABLED": "maybe",
    "ACCESS_TOKEN_EXPIRE_MINUTES": "soon",
    "USER_TTL_SECONDS": "0",
    "TODOS_TTL_SECONDS": "-1",
    "RATE_LIMIT_LOGIN": "often",
    "RATE_LIMIT_REGISTER": "3/fortnight",
    "RATE_LIMIT_ENABLED": "2",
    "TRUSTED_PROXIES": "everybody",
    "LOG_LEVEL": "LOUD",
    "ENVIRONMENT": "staging",
}


def environment(**settings: str) -> dict[str, str]:
    """Return our environment with these settings of the service and no others."""
    outside = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
    return outside | settings


def test_every_wrong_setting_is_named_before_the_service_starts() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "service", "--port", "0"],
        env=environment(JWT_SECRET=SECRET, **WRONG),
        capture_output=True,
        text=True,
        check=False,
    )
    named = [line.partition(":")[0] for line in ended.stderr.splitlines()]

    assert ended.returncode == 2
    assert sorted(named) == sorted(WRONG)
    assert SECRET not in ended.stderr
    assert "Traceback" not in ended.stderr


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
    assert ended.stderr.startswith("REDIS_URL: takes the number of a database that the server has")
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


def is_ready(api: Api) -> bool:
    return api.get("/readyz").status_code == 200


def test_a_database_that_comes_later_is_waited_for_and_not_needed_to_end(
    servers: Stack, tmp_path: Path
) -> None:
    assert servers.redis is not None
    exits = ExitStack()
    mongo_port = exits.enter_context(held_port())
    settings = environment(
        MONGODB_URL=f"mongodb://{HOST}:{mongo_port}/?directConnection=true",
        REDIS_URL=servers.redis.url,
        JWT_SECRET=SECRET,
        DATABASE_DEADLINE_SECONDS="5",
    )
    with exits:
        apis, processes = [], []
        for cache in ("false", "true"):
            process, api = exits.enter_context(
                unready_service(settings | {"CACHE_ENABLED": cache}, tmp_path / f"{cache}.log")
            )
            processes.append(process)
            apis.append(api)
        # Of somebody whom no database knows.
        token = Tokens(SECRET, lifetime_s=600).issue(UserId("0" * 24), generation=0)
        # Each waits for the database, so all wait at once.
        with ThreadPoolExecutor() as pool:
            readiness = pool.map(lambda api: api.get("/readyz"), apis)
            reads = pool.map(lambda api: api.get("/todo/", authorization=f"Bearer {token}"), apis)
            ready, lists = list(readiness), list(reads)

        assert [answer.status_code for answer in ready] == [503, 503]
        assert [answer.status_code for answer in lists] == [503, 503]
        assert [answer.headers["retry-after"] for answer in lists] == ["1", "1"]

        mongo = start_mongo(tmp_path, port=mongo_port)
        exits.callback(mongo.stop)
        for api in apis:
            until(partial(is_ready, api), "get ready")
            person = api.sign_up()
            api.post("/todo/", {"heading": person["email"], "task": ""})

            assert api.headings() == [person["email"]]

        mongo.stop()
        for process in processes:
            os.kill(process.pid, signal.SIGTERM)
        until(lambda: None not in [process.poll() for process in processes], "end")

        assert [process.poll() for process in processes] == [0, 0]
