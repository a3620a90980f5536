"""Services for a person run until they are told to stop, and say where they are."""

import contextlib
import json
import re
import signal
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient

from benchmarks.stack.dataset import EXAMPLE_USERS, example_data, fill_if_empty
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST, answers, held_port
from benchmarks.stack.run import serve, up
from benchmarks.stack.server import mongo_client, redis_client
from tests.integration.stack.conftest import STAND_IN, Script
from tests.waiting import eventually, is_gone

pytestmark = pytest.mark.servers

RUN = f"""
import json, sys
from benchmarks.cli import main
from benchmarks.stack import run

what, options, environ = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
main.app = lambda **_: getattr(run, what)(environ=environ, module="{STAND_IN}", **options)
main.main()
"""
LAST_LINE = "Ctrl-C stops everything"


class UpRun:
    """A run of ``serve`` or ``up`` as a program of its own."""

    def __init__(
        self, run_script: Script, what: str, options: dict[str, Any], **environ: str
    ) -> None:
        self.script = run_script(RUN, what, json.dumps(options), json.dumps(environ))
        self.shown = ""
        assert self.script.stdout
        for line in self.script.stdout:
            self.shown += line
            if LAST_LINE in line:
                self.children = [each.pid for each in psutil.Process(self.script.pid).children()]
                return
        pytest.fail(f"it never ran: {self.shown}")

    def end(self, number: signal.Signals | None = None) -> int:
        if number is not None:
            self.script.send_signal(number)
        rest, _ = self.script.communicate(timeout=60)
        self.shown += rest
        return self.script.returncode


@pytest.fixture
def ports() -> Iterator[tuple[int, ...]]:
    """Hold ports for the services and the page of Locust."""
    with contextlib.ExitStack() as held:
        yield tuple(held.enter_context(held_port()) for _ in range(3))


def get(port: int, path: str = "/") -> str:
    with contextlib.closing(HTTPConnection(HOST, port, timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def environ_of(port: int) -> dict[str, str]:
    return dict(json.loads(get(port))["environ"])


def test_serve_says_where_everything_is_and_leaves_nothing(
    run_script: Script, temporary: Path, closed_port: int
) -> None:
    port = closed_port
    run = UpRun(run_script, "serve", {"cache": True, "port": port})
    environ = environ_of(port)

    assert run.end(signal.SIGINT) == 0
    assert f"service-cached  http://127.0.0.1:{port}  http://127.0.0.1:{port}/docs\n" in run.shown
    assert re.search(rf"logs +{temporary}/fivefold-\w+/\*\.log\n", run.shown)
    assert environ["MONGODB_URL"] in run.shown
    assert re.fullmatch(r"redis://127\.0\.0\.1:\d+/0", environ["REDIS_URL"])
    assert environ["REDIS_URL"] in run.shown
    assert run.shown.endswith("Stopped.\n")
    assert not answers(port)
    assert list(temporary.iterdir()) == []


def test_serve_with_the_cache_off_starts_no_redis_and_passes_settings_on(
    run_script: Script, servers: Stack, closed_port: int
) -> None:
    port = closed_port
    mine = {"TODOS_TTL_SECONDS": "7", "rate_limit_login": "9/hour", "JWT_SECRET": "mine"}
    overruled = {"REDIS_URL": f"redis://{HOST}:1/0", "CACHE_ENABLED": "true"}
    named = {"MONGODB_URL": servers.mongo.url, "MONGODB_DATABASE": "db"}
    options = {"cache": False, "port": port, "workers": 2}
    run = UpRun(run_script, "serve", options, **named, **mine, **overruled)
    got = json.loads(get(port))

    assert run.end(signal.SIGTERM) == 0
    assert "redis" not in run.shown.lower()
    assert got["argv"][2:4] == ["--workers", "2"]
    expected = {
        **named,
        "CACHE_ENABLED": "false",
        "ENVIRONMENT": "development",
        "TODOS_TTL_SECONDS": "7",
        "RATE_LIMIT_LOGIN": "9/hour",
        "JWT_SECRET": "mine",
    }
    assert expected.items() <= got["environ"].items()
    assert "REDIS_URL" not in got["environ"]


def test_up_prints_four_addresses_that_answer_the_live_page_first_and_leaves_nothing(
    run_script: Script, temporary: Path, ports: tuple[int, ...]
) -> None:
    cached, uncached, locust = ports
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": locust}
    run = UpRun(run_script, "up", options, ENVIRONMENT="production")
    got = environ_of(cached), environ_of(uncached)
    page = get(locust)
    with mongo_client(got[0]["MONGODB_URL"]) as client:
        users = [client[each["MONGODB_DATABASE"]].users.count_documents({}) for each in got]

    assert run.end(signal.SIGTERM) == 0
    assert re.findall(rf"http://{HOST}:\d+\S*", run.shown.split("redis://")[0])[:4] == [
        f"http://{HOST}:{locust}/fivefold",
        f"http://{HOST}:{locust}",
        f"http://{HOST}:{cached}",
        f"http://{HOST}:{cached}/docs",
    ]
    assert f"http://{HOST}:{uncached}/docs" in run.shown
    assert "ReadMostly" in page
    assert users == [EXAMPLE_USERS] * 2
    assert [each["MONGODB_DATABASE"] for each in got] == ["fivefold_cached", "fivefold_uncached"]
    assert [each["CACHE_ENABLED"] for each in got] == ["true", "false"]
    assert "REDIS_URL" not in got[1]
    for alike in ("ENVIRONMENT", "MONGODB_URL", "TRUSTED_PROXIES", "ADMIN_TOKEN"):
        assert got[0][alike] == got[1][alike]
    assert (got[0]["ENVIRONMENT"], got[0]["TRUSTED_PROXIES"]) == ("production", HOST)
    assert len(got[0]["ADMIN_TOKEN"]) >= 32
    assert eventually(lambda: all(map(is_gone, run.children)))
    assert not answers(locust)
    assert list(temporary.iterdir()) == []


def test_a_service_that_dies_is_named_with_the_end_of_its_log(
    run_script: Script, temporary: Path, ports: tuple[int, ...]
) -> None:
    cached, uncached, _ = ports
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": None}
    run = UpRun(run_script, "up", options, admin_token="mine", TRUSTED_PROXIES="10.0.0.0/8")
    # What the environment names is not replaced.
    got = environ_of(cached)
    assert (got["ADMIN_TOKEN"], got["TRUSTED_PROXIES"]) == ("mine", "10.0.0.0/8")
    with contextlib.suppress(OSError, HTTPException):
        get(uncached, "/die")

    assert run.end() == 4
    assert "service-uncached ended by itself with exit code -9" in run.shown
    assert "asked to die" in run.shown
    assert "locust" not in run.shown
    assert not answers(cached)
    assert list(temporary.iterdir()) == []


def test_a_server_that_dies_is_named_too(
    run_script: Script, servers: Stack, closed_port: int
) -> None:
    port = closed_port
    run = UpRun(run_script, "serve", {"cache": True, "port": port}, MONGODB_URL=servers.mongo.url)
    with redis_client(environ_of(port)["REDIS_URL"]) as client:
        client.shutdown(nosave=True)

    assert run.end() == 4
    assert re.search(r"(redis|falkordb|valkey)\S* ended by itself with exit code 0", run.shown)


def test_a_taken_port_is_said_before_anything_starts(temporary: Path, closed_port: int) -> None:
    environ = {"MONGODB_URL": f"mongodb://{HOST}:1/"}
    with socket.create_server((HOST, 0)) as holder:
        taken = holder.getsockname()[1]
        said = f"^Port {taken} of {HOST} is taken; stop what listens there or choose another port.$"

        with pytest.raises(StackError, match=said):
            serve(cache=False, environ=environ, port=taken)
        with pytest.raises(StackError, match=said):
            up(environ=environ, cached_port=closed_port, locust_port=taken)

    assert list(temporary.iterdir()) == []


def test_an_empty_database_gets_users_and_one_with_users_is_left_alone(
    servers: Stack, database_name: str
) -> None:
    data = example_data()
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        database = client.get_database(database_name)

        fill_if_empty(servers.mongo.url, database_name, data)
        assert database["users"].count_documents({}) == EXAMPLE_USERS
        assert database["todos"].count_documents({}) == 20 * EXAMPLE_USERS

        database["users"].delete_many({"email": {"$ne": "user-00000@example.com"}})
        fill_if_empty(servers.mongo.url, database_name, data)
        assert database["users"].count_documents({}) == 1
