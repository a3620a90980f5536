"""MongoDB is found in a fixed order and its failures are explained."""

import sys
from pathlib import Path

import pytest

from benchmarks.stack.errors import StackError
from benchmarks.stack.mongo import MongoProgram, find_mongo, start_mongo

BESIDE_PYTHON = str(Path(sys.executable).with_name("secantusd-py"))

SWITCHES = "--enable-test-commands --log-level WARNING"


def failing(folder: Path, words: str) -> MongoProgram:
    """Make a program that says these words and ends."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\necho '{words}'\nexit 7\n")
    path.chmod(0o755)
    return MongoProgram("SecantusDB", str(path))


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


@pytest.mark.parametrize(
    ("words", "explained"),
    [
        (
            "WiredTiger database is already being managed by another process: busy",
            r"^The data folder \S+/mongo is locked by another server; stop that .* folder\.$",
        ),
        ("DBPathInUse: Unable to lock the lock file: /data/mongod.lock", "is locked by another"),
        ("no disk", r"(?s)SecantusDB ended with exit code 7.*no disk"),
    ],
)
def test_an_early_end_is_explained_and_a_locked_folder_in_one_sentence(
    tmp_path: Path, words: str, explained: str
) -> None:
    with pytest.raises(StackError, match=explained):
        start_mongo(tmp_path, program=failing(tmp_path, words))


def test_a_program_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"/gone/mongod cannot be executed; install mongod"):
        start_mongo(tmp_path, program=MongoProgram("mongod", "/gone/mongod"))
