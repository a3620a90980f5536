"""How the service starts and how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.stack.embedded import Stack
from benchmarks.stack.mongo import start_mongo
from benchmarks.stack.ports import HOST, free_port, held_port
from benchmarks.stack.service import SERVICE_VARIABLES, start_service
from service.domain import UserId
from service.security import Tokens
from tests.e2e.api_client import Api, until
from tests.e2e.refusal import refusal
from tests.e2e.unready import unready_service

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


def start_and_end(**settings: str) -> subprocess.CompletedProcess[str]:
    """Start the service on a free port and return how it ended by itself."""
    return subprocess.run(
        [sys.executable, "-m", "service", "--port", str(free_port())],
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_wrong_setting_is_named_before_the_service_starts() -> None:
    ended = start_and_end(JWT_SECRET=SECRET, **WRONG)
    named = [line.partition(":")[0] for line in ended.stderr.splitlines()]

    assert ended.returncode == 2
    assert sorted(named) == sorted(WRONG)
    assert SECRET not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("secret", ["", "none", "one-byte-too-short-0123456789ab", "a" * 64])
def test_a_weak_secret_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    told = refusal({"JWT_SECRET": secret}, monkeypatch, capsys)

    assert told.startswith("JWT_SECRET: takes at least 32 random bytes")
    assert "a" * 64 not in told


@pytest.mark.parametrize("variant", ["uncached", "cached"])
def test_the_service_ends_cleanly_when_it_is_asked_to(
    servers: Stack, database_name: str, tmp_path: Path, variant: str
) -> None:
    assert servers.redis is not None
    with start_service(
        mongo_url=servers.mongo.url,
        database=database_name,
        redis_url=servers.redis.url if variant == "cached" else None,
        log=tmp_path / "service.log",
    ) as running:
        with Api(running.url) as api:
            api.sign_up()
        os.kill(running.process.pid, signal.SIGTERM)
        until(lambda: running.process.poll() is not None, "end")

        assert running.process.poll() == 0, running.process.log_tail()


@pytest.fixture
def kept_port() -> Iterator[int]:
    """Keep a port for a server that is yet to start."""
    with held_port() as port:
        yield port


def test_a_database_that_comes_later_is_waited_for_and_not_needed_to_end(
    servers: Stack, tmp_path: Path, kept_port: int
) -> None:
    assert servers.redis is not None
    settings = environment(
        MONGODB_URL=f"mongodb://{HOST}:{kept_port}/?directConnection=true",
        REDIS_URL=servers.redis.url,
        JWT_SECRET=SECRET,
        DATABASE_DEADLINE_SECONDS="5",
    )
    with ExitStack() as exits:
        apis, processes = [], []
        for cache in ("false", "true"):
            process, api = exits.enter_context(
                unready_service(settings | {"CACHE_ENABLED": cache}, tmp_path / f"{cache}.log")
            )
            processes.append(process)
            apis.append(api)
        bearer = f"Bearer {_token_of_somebody()}"
        # Each waits for the database, so all wait at once.
        with ThreadPoolExecutor() as pool:
            readiness = pool.map(lambda api: api.get("/readyz"), apis)
            reads = pool.map(lambda api: api.get("/todo/", authorization=bearer), apis)
            ready, lists = list(readiness), list(reads)

        assert [answer.status_code for answer in ready] == [503, 503]
        assert [answer.status_code for answer in lists] == [503, 503]
        assert [answer.headers["retry-after"] for answer in lists] == ["1", "1"]

        mongo = start_mongo(tmp_path, port=kept_port)
        exits.callback(mongo.stop)
        for api in apis:
            _until_ready(api)
            person = api.sign_up()
            api.post("/todo/", {"heading": person["email"], "task": ""})

            assert api.headings() == [person["email"]]

        mongo.stop()
        for process in processes:
            os.kill(process.pid, signal.SIGTERM)
        until(lambda: None not in [process.poll() for process in processes], "end")

        assert [process.poll() for process in processes] == [0, 0]


def _until_ready(api: Api) -> None:
    until(lambda: api.get("/readyz").status_code == 200, "get ready")


def _token_of_somebody() -> str:
    """Return a token of the service's own making for somebody whom no database knows."""
    return Tokens(SECRET, lifetime_s=600).issue(UserId("0" * 24), generation=0)
