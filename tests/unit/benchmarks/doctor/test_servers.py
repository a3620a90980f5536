import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from benchmarks.doctor.findings import Finding, ok
from benchmarks.doctor.servers import Way, look_at_server, stands_in, ways
from benchmarks.stack.errors import StackError
from benchmarks.stack.mongo import MongoProgram
from benchmarks.stack.redis import RedisProgram
from benchmarks.stack.server import Kind, Server


@dataclass
class FakeServer:
    """A way to a server that is never there, and what was done with it."""

    kind: Kind = "redis-server"
    product: str = "Redis"
    variable: str = "REDIS_URL"
    error: StackError | None = None
    done: list[str] = field(default_factory=list)

    def way(self, use: Callable[[str], Sequence[Finding]] = lambda _: ()) -> Way:
        return Way(
            name="it",
            variable=self.variable,
            external=self.external,
            find=self.find,
            start=self.start,
            use=use,
        )

    def external(self, url: str) -> Server:
        self.done.append("asked")
        return self._server("external", url)

    def find(self) -> MongoProgram | RedisProgram:
        if self.kind in {"mongod", "SecantusDB"}:
            return MongoProgram("mongod" if self.kind == "mongod" else "SecantusDB", "/bin/it")
        return RedisProgram("fakeredis" if self.kind == "fakeredis" else "redis-server", "/bin/it")

    def start(self, folder: Path) -> Server:
        self.done.append(f"started in {folder.name}")
        if self.kind == "fakeredis":
            warnings.warn("not a Redis", RuntimeWarning, stacklevel=2)
        return self._server(self.kind, "redis://127.0.0.1:1/0")

    def _server(self, kind: Kind, url: str) -> Server:
        if self.error:
            raise self.error
        done = self.done

        class Recorded(Server):
            def discard(self) -> None:
                done.append("stopped")

        return Recorded(role="redis", kind=kind, product=self.product, version="8.2", url=url)


def test_a_server_of_our_own_is_started_asked_and_stopped(tmp_path: Path) -> None:
    fake = FakeServer()

    [found] = look_at_server(fake.way(), {}, tmp_path)

    assert fake.done == [f"started in {tmp_path.name}", "stopped"]
    assert found.status == "ok"
    assert "Redis 8.2 from redis-server (/bin/it); started, answered" in found.seen


def test_without_a_folder_nothing_is_started() -> None:
    fake = FakeServer()

    [found] = look_at_server(fake.way(), {}, None)

    assert fake.done == []
    assert found.seen == "no REDIS_URL: redis-server (/bin/it) would be started"


@pytest.mark.parametrize("folder", [None, Path("unused")])
def test_a_named_server_is_asked_and_nothing_is_started(folder: Path | None) -> None:
    fake = FakeServer()

    [found] = look_at_server(fake.way(), {"REDIS_URL": "redis://:secret@db:6379/0"}, folder)

    assert fake.done == ["asked"]
    assert found.status == "ok"
    assert "redis://:***@db:6379/0, named by REDIS_URL" in found.seen
    assert "secret" not in found.seen


def test_an_empty_variable_names_no_server() -> None:
    fake = FakeServer()

    look_at_server(fake.way(), {"REDIS_URL": ""}, None)

    assert fake.done == []


def test_a_server_that_does_not_answer_or_start_is_a_failure(tmp_path: Path) -> None:
    fake = FakeServer(error=StackError("it is broken; repair it."))

    found = [
        *look_at_server(fake.way(), {}, tmp_path),
        *look_at_server(fake.way(), {"REDIS_URL": "redis://db/0"}, None),
    ]

    assert [finding.status for finding in found] == ["FAIL", "FAIL"]
    assert {finding.seen for finding in found} == {"it is broken; repair it"}


@pytest.mark.parametrize("started", [True, False])
def test_a_stand_in_for_redis_is_warned_of_loudly(tmp_path: Path, *, started: bool) -> None:
    fake = FakeServer(kind="fakeredis", product="fakeredis")

    found = look_at_server(fake.way(), {}, tmp_path if started else None)

    assert [finding.status for finding in found] == ["warn"]
    assert "IT IS NOT REDIS" in found[0].seen
    assert stands_in(found)


def test_a_redis_is_no_stand_in(tmp_path: Path) -> None:
    assert not stands_in(look_at_server(FakeServer().way(), {}, tmp_path))


@pytest.mark.parametrize(
    ("kind", "product", "status"),
    [("mongod", "MongoDB", "ok"), ("SecantusDB", "SecantusDB", "warn")],
)
@pytest.mark.parametrize("started", [True, False])
def test_what_is_not_mongodb_is_labelled(
    tmp_path: Path, kind: Kind, product: str, status: str, *, started: bool
) -> None:
    fake = FakeServer(kind=kind, product=product, variable="MONGODB_URL")

    [found] = look_at_server(fake.way(), {}, tmp_path if started else None)

    assert found.status == status
    assert ("flatters any cache" in found.seen) == (status == "warn")


def test_a_named_server_is_looked_at_more_closely() -> None:
    way = FakeServer().way(use=lambda url: [ok("more", url)])

    found = look_at_server(way, {"REDIS_URL": "redis://db/0"}, None)

    assert found[1:] == [ok("more", "redis://db/0")]


def test_a_named_redis_has_to_be_empty_for_a_comparison() -> None:
    def refuse(_: str) -> int:
        raise RedisError("NOPERM")

    _, empty = ways(lambda _: 0)
    _, full = ways(lambda _: 12)
    _, closed = ways(refuse)

    assert [way.use("redis://db/0")[0].status for way in (empty, full, closed)] == [
        "ok",
        "warn",
        "warn",
    ]
    assert "holds 12 keys" in full.use("redis://db/0")[0].seen


def test_mongodb_comes_before_redis() -> None:
    assert [(way.name, way.variable) for way in ways()] == [
        ("MongoDB", "MONGODB_URL"),
        ("Redis", "REDIS_URL"),
    ]
