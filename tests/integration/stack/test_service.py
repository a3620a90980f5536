"""The service is started with exactly the settings that follow from the arguments."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.process import Process
from benchmarks.stack.service import start_service
from benchmarks.storage.usage import UsageError
from tests.integration.stack.conftest import STAND_IN
from tests.waiting import is_gone

MONGO = "mongodb://127.0.0.1:1/"
REDIS = "redis://127.0.0.1:2/0"


@contextmanager
def started(
    tmp_path: Path, redis_url: str | None = None, **options: Any
) -> Iterator[tuple[Mapping[str, Any], Process]]:
    """Start the stand-in; yield what it got and its process."""
    given: dict[str, Any] = {"module": STAND_IN, "log": tmp_path / "log"} | options
    with start_service(mongo_url=MONGO, database="db", redis_url=redis_url, **given) as service:
        connection = HTTPConnection(service.url.removeprefix("http://"), timeout=60)
        connection.request("GET", "/")
        got = json.loads(connection.getresponse().read())
        connection.close()
        assert got["argv"][-1] == service.url.rpartition(":")[2]
        yield got, service.process


def test_it_gets_what_follows_from_the_arguments_and_no_setting_of_the_caller_in_whatever_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = {"JWT_SECRET": "the caller's", "TODOS_TTL_SECONDS": "1", "rate_limit_login": "1/hour"}
    for name, value in callers.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LANGUAGE", "kept")

    with started(tmp_path, REDIS) as (got, _):
        cached = got["environ"]
    # Redis is in the caller's environment, and none was asked for.
    monkeypatch.setenv("REDIS_URL", REDIS)
    monkeypatch.setenv("CACHE_ENABLED", "true")
    with started(tmp_path) as (got, _):
        uncached = got["environ"]

    assert (cached["MONGODB_URL"], cached["MONGODB_DATABASE"]) == (MONGO, "db")
    assert (cached["REDIS_URL"], cached["CACHE_ENABLED"]) == (REDIS, "true")
    assert (uncached.get("REDIS_URL"), uncached["CACHE_ENABLED"]) == (None, "false")
    assert callers.items().isdisjoint(cached.items())
    assert cached["LANGUAGE"] == "kept"
    assert cached["JWT_SECRET"] != uncached["JWT_SECRET"]
    assert min(len(each["JWT_SECRET"]) for each in (cached, uncached)) >= 32


def test_it_is_ready_only_when_it_says_so_itself_and_stopped_when_the_block_fails(
    tmp_path: Path,
) -> None:
    processes: list[Process] = []

    def fail() -> None:
        with started(tmp_path, env={"NOT_READY_TIMES": "2"}) as (got, process):
            processes.append(process)
            assert got["asked_if_ready"] == 3
            raise RuntimeError("broken run")

    with pytest.raises(RuntimeError, match="broken run"):
        fail()

    assert is_gone(processes[0].pid)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (
            {"env": {"WRONG_SETTING": "1"}},
            UsageError,
            "refused a setting.*RATE_LIMIT_LOGIN: takes COUNT",
        ),
        (
            {"module": "no_such_service"},
            StackError,
            "exit code 1 .*No module named no_such_service",
        ),
    ],
)
def test_why_it_does_not_start_reaches_the_user_in_its_own_words(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=f"(?s){words}"), started(tmp_path, **options):
        pytest.fail("it started")
