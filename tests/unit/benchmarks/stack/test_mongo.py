"""MongoDB is found in a fixed order and its failures are explained."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.mongo import MongoProgram, find_mongo, start_mongo

BESIDE_PYTHON = str(Path(sys.executable).with_name("secantusd-py"))
NOTHING: dict[str, str] = {}


def failing(folder: Path, words: str) -> MongoProgram:
    """Make a program that says these words and ends."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\necho '{words}'\nexit 7\n")
    path.chmod(0o755)
    return MongoProgram("SecantusDB", str(path))


def test_mongod_on_the_path_comes_first() -> None:
    installed = {"mongod": "/bin/mongod", BESIDE_PYTHON: BESIDE_PYTHON}

    assert find_mongo(installed.get) == MongoProgram("mongod", "/bin/mongod")


def test_secantusdb_beside_this_python_comes_second() -> None:
    installed = {BESIDE_PYTHON: BESIDE_PYTHON, "secantusd-py": "/elsewhere/secantusd-py"}

    assert find_mongo(installed.get) == MongoProgram("SecantusDB", BESIDE_PYTHON)


def test_without_either_it_says_what_to_install() -> None:
    with pytest.raises(StackError, match=r"no mongod .*fivefold\[embedded\].*MONGODB_URL"):
        find_mongo(NOTHING.get)


@pytest.mark.parametrize("kind", ["mongod", "SecantusDB"])
def test_the_server_listens_to_this_machine_and_takes_test_commands(kind: str) -> None:
    program = MongoProgram("mongod" if kind == "mongod" else "SecantusDB", "/bin/it")
    line = " ".join(program.arguments(1234, Path("/data/mongo")))

    expected = {
        "mongod": "/bin/it --port 1234 --bind_ip 127.0.0.1 --dbpath /data/mongo --nounixsocket "
        "--setParameter enableTestCommands=1",
        "SecantusDB": "/bin/it --port 1234 --host 127.0.0.1 --storage-path /data/mongo "
        "--config /data/secantusd.toml --enable-test-commands --log-level WARNING",
    }
    assert line == expected[kind]


@pytest.mark.parametrize(
    "words",
    [
        "WiredTiger database is already being managed by another process: busy",
        "DBPathInUse: Unable to lock the lock file: /data/mongod.lock",
    ],
)
def test_a_locked_data_folder_is_named_in_one_sentence(tmp_path: Path, words: str) -> None:
    with pytest.raises(StackError) as caught:
        start_mongo(tmp_path, program=failing(tmp_path, words))

    assert str(caught.value) == (
        f"The data folder {tmp_path}/mongo is locked by another server; "
        "stop that server or choose another folder."
    )


def test_any_other_early_end_shows_the_log(tmp_path: Path) -> None:
    with pytest.raises(EarlyExitError, match=r"(?s)SecantusDB ended with exit code 7.*no disk"):
        start_mongo(tmp_path, program=failing(tmp_path, "no disk"))


def test_a_program_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"/gone/mongod cannot be executed; install mongod"):
        start_mongo(tmp_path, program=MongoProgram("mongod", "/gone/mongod"))
