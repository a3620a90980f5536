"""The service is started with exactly the settings that follow from the arguments."""

import json
import socket
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process
from benchmarks.stack.service import Service, start_service
from tests.integration.stack.conftest import STAND_IN
from tests.unit.benchmarks.stack.waiting import is_gone

MONGO = "mongodb://127.0.0.1:1/"
REDIS = "redis://127.0.0.1:2/0"


def what_it_got(service: Service) -> dict[str, Any]:
    connection = HTTPConnection(service.url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", "/")
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def settings(
    tmp_path: Path,
    *,
    redis_url: str | None = REDIS,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    module: str = STAND_IN,
) -> dict[str, str]:
    with start_service(
        mongo_url=MONGO,
        database="db",
        redis_url=redis_url,
        env=env,
        port=port,
        module=module,
        log=tmp_path / "log",
    ) as service:
        return dict(what_it_got(service)["environ"])


def test_with_a_redis_the_cache_is_on(tmp_path: Path) -> None:
    got = settings(tmp_path)

    assert (got["MONGODB_URL"], got["MONGODB_DATABASE"]) == (MONGO, "db")
    assert (got["REDIS_URL"], got["CACHE_ENABLED"]) == (REDIS, "true")


def test_without_a_redis_the_cache_is_off_and_no_address_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", REDIS)
    monkeypatch.setenv("CACHE_ENABLED", "true")

    got = settings(tmp_path, redis_url=None)

    assert "REDIS_URL" not in got
    assert got["CACHE_ENABLED"] == "false"


def test_settings_of_the_caller_do_not_leak_in_whatever_their_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_SECRET", "the caller's")
    monkeypatch.setenv("TODOS_TTL_SECONDS", "1")
    monkeypatch.setenv("rate_limit_login", "1/hour")
    monkeypatch.setenv("LANGUAGE", "kept")

    got = settings(tmp_path)

    assert got["JWT_SECRET"] != "the caller's"
    assert not {"TODOS_TTL_SECONDS", "rate_limit_login"} & got.keys()
    assert got["LANGUAGE"] == "kept"


def test_each_start_has_a_secret_of_its_own_that_is_long_enough(tmp_path: Path) -> None:
    first, second = (settings(tmp_path)["JWT_SECRET"] for _ in range(2))

    assert first != second
    assert min(len(first), len(second)) >= 32


def test_what_the_caller_asks_for_has_the_last_word(tmp_path: Path) -> None:
    asked = {"JWT_SECRET": "mine", "CACHE_ENABLED": "false", "ADMIN_TOKEN": "admin"}

    assert asked.items() <= settings(tmp_path, env=asked).items()


def test_host_port_and_workers_are_arguments(tmp_path: Path) -> None:
    with start_service(
        mongo_url=MONGO,
        database="db",
        redis_url=None,
        workers=3,
        module=STAND_IN,
        log=tmp_path / "log",
    ) as service:
        port = service.url.rpartition(":")[2]

        assert what_it_got(service)["argv"] == [
            *["--host", HOST],
            *["--workers", "3"],
            *["--port", port],
        ]


def test_it_is_ready_only_when_it_says_so_itself(tmp_path: Path) -> None:
    with start_service(
        mongo_url=MONGO,
        database="db",
        redis_url=None,
        env={"NOT_READY_TIMES": "2"},
        module=STAND_IN,
        log=tmp_path / "log",
    ) as service:
        assert what_it_got(service)["asked_if_ready"] == 3


def test_it_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    processes: list[Process] = []

    def fail() -> None:
        with start_service(
            mongo_url=MONGO, database="db", redis_url=None, module=STAND_IN, log=tmp_path / "log"
        ) as service:
            processes.append(service.process)
            raise RuntimeError("broken run")

    with pytest.raises(RuntimeError, match="broken run"):
        fail()

    assert is_gone(processes[0].pid)


def test_a_refused_setting_reaches_the_user_in_the_services_own_words(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)refused a setting.*RATE_LIMIT_LOGIN: takes COUNT"):
        settings(tmp_path, env={"WRONG_SETTING": "1"})


def test_a_module_that_does_not_exist_is_reported_with_the_log(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)exit code 1 .*No module named no_such_service"):
        settings(tmp_path, module="no_such_service")


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(StackError, match=f"Port {port} .* is taken"):
            settings(tmp_path, port=port)
