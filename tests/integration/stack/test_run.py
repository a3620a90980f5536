"""Services for a person run until they are told to stop, and say where they are."""

import contextlib
import json
import re
import signal
import socket
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.stack.identity import redis_client
from benchmarks.stack.ports import HOST, answers, free_port
from tests.integration.stack.conftest import STAND_IN, Script
from tests.unit.benchmarks.stack.waiting import eventually, is_gone

pytestmark = pytest.mark.servers

RUN = f"""
import json, sys
from benchmarks.stack import run

what, options, environ = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
sys.exit(getattr(run, what)(environ=environ, module="{STAND_IN}", **options))
"""
LAST_LINE = "Ctrl-C stops everything"


class Run:
    """A run of ``serve`` or ``up`` as a program of its own."""

    def __init__(self, run_script: Script, what: str, options: object, **environ: str) -> None:
        self.script = run_script(RUN, what, json.dumps(options), json.dumps(environ))
        self.shown = ""

    def wait_running(self) -> None:
        assert self.script.stdout
        for line in self.script.stdout:
            self.shown += line
            if LAST_LINE in line:
                return
        pytest.fail(f"it never ran: {self.shown}")

    def end(self, number: signal.Signals | None = None) -> int:
        if number is not None:
            self.script.send_signal(number)
        rest, _ = self.script.communicate(timeout=60)
        self.shown += rest
        return self.script.returncode


def get(port: int, path: str = "/") -> dict[str, Any]:
    connection = HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request("GET", path)
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_where_everything_is_and_leaves_nothing(
    run_script: Script, temporary: Path, number: signal.Signals
) -> None:
    port = free_port()
    run = Run(run_script, "serve", {"cache": True, "port": port})
    run.wait_running()
    environ = get(port)["environ"]

    assert run.end(number) == 0
    assert f"service-cached  http://127.0.0.1:{port}  http://127.0.0.1:{port}/docs\n" in run.shown
    assert re.search(rf"logs +{temporary}/fivefold-\w+/\*\.log\n", run.shown)
    assert environ["MONGODB_URL"] in run.shown
    assert re.fullmatch(r"redis://127\.0\.0\.1:\d+/0", environ["REDIS_URL"])
    assert environ["REDIS_URL"] in run.shown
    assert run.shown.endswith("Stopped.\n")
    assert not answers(port)
    assert list(temporary.iterdir()) == []


def test_serve_with_the_cache_off_starts_no_redis_and_passes_settings_on(
    run_script: Script,
) -> None:
    port = free_port()
    mine = {"TODOS_TTL_SECONDS": "7", "rate_limit_login": "9/hour", "JWT_SECRET": "mine"}
    overruled = {"REDIS_URL": f"redis://{HOST}:1/0", "CACHE_ENABLED": "true"}
    options = {"cache": False, "port": port, "workers": 2}
    run = Run(run_script, "serve", options, MONGODB_DATABASE="db", **mine, **overruled)
    run.wait_running()
    got = get(port)

    assert run.end(signal.SIGTERM) == 0
    assert "redis" not in run.shown.lower()
    assert got["argv"][2:4] == ["--workers", "2"]
    expected = {
        "MONGODB_DATABASE": "db",
        "CACHE_ENABLED": "false",
        "ENVIRONMENT": "development",
        "TODOS_TTL_SECONDS": "7",
        "RATE_LIMIT_LOGIN": "9/hour",
        "JWT_SECRET": "mine",
    }
    assert expected.items() <= got["environ"].items()
    assert "REDIS_URL" not in got["environ"]


def test_up_runs_both_services_on_databases_of_their_own(run_script: Script) -> None:
    cached, uncached = free_port(), free_port()
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": None}
    run = Run(run_script, "up", options, ENVIRONMENT="production")
    run.wait_running()
    got = [get(port)["environ"] for port in (cached, uncached)]

    assert run.end(signal.SIGTERM) == 0
    assert [each["MONGODB_DATABASE"] for each in got] == ["fivefold_cached", "fivefold_uncached"]
    assert [each["CACHE_ENABLED"] for each in got] == ["true", "false"]
    assert [each["ENVIRONMENT"] for each in got] == ["production", "production"]
    assert got[0]["MONGODB_URL"] == got[1]["MONGODB_URL"]
    assert "REDIS_URL" not in got[1]


def test_a_service_that_dies_is_named_with_the_end_of_its_log(
    run_script: Script, temporary: Path
) -> None:
    cached, uncached = free_port(), free_port()
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": None}
    run = Run(run_script, "up", options)
    run.wait_running()
    with contextlib.suppress(OSError, HTTPException):
        get(uncached, "/die")

    assert run.end() == 4
    assert "service-uncached ended by itself with exit code -9" in run.shown
    assert "asked to die" in run.shown
    assert not answers(cached)
    assert list(temporary.iterdir()) == []


def test_a_server_that_dies_is_named_too(run_script: Script) -> None:
    port = free_port()
    run = Run(run_script, "serve", {"cache": True, "port": port})
    run.wait_running()
    with redis_client(get(port)["environ"]["REDIS_URL"]) as client:
        client.shutdown(nosave=True)

    assert run.end() == 4
    assert re.search(r"(redis|falkordb|valkey)\S* ended by itself with exit code 0", run.shown)


def test_a_taken_port_is_said_before_anything_starts(run_script: Script, temporary: Path) -> None:
    with socket.create_server((HOST, 0)) as holder:
        port = holder.getsockname()[1]
        unusable = f"mongodb://{HOST}:1/"
        run = Run(run_script, "serve", {"cache": False, "port": port}, MONGODB_URL=unusable)

        assert run.end() == 4
    assert run.shown == (
        f"Port {port} of 127.0.0.1 is taken; stop what listens there or choose another port.\n"
    )
    assert list(temporary.iterdir()) == []


def test_a_refused_setting_is_said(run_script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_SETTING", "1")
    run = Run(run_script, "serve", {"cache": False, "port": free_port()})

    assert run.end() == 4
    assert "service-uncached refused a setting" in run.shown
    assert "RATE_LIMIT_LOGIN: takes COUNT/PERIOD" in run.shown


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_parent_ended_by_sigkill_leaves_no_process(run_script: Script) -> None:
    port = free_port()
    run = Run(run_script, "serve", {"cache": True, "port": port})
    run.wait_running()
    children = children_of(run.script.pid)
    assert len(children) == 3

    run.end(signal.SIGKILL)

    assert eventually(lambda: all(map(is_gone, children)))
