"""The embedded MongoDB starts, keeps its data and explains itself."""

import socket
from pathlib import Path

import pytest
from pymongo import MongoClient

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.identity import mongo_client
from benchmarks.stack.mongo import _probe, start_mongo
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process

pytestmark = pytest.mark.servers


def test_it_stores_what_it_is_given_and_takes_test_commands(tmp_path: Path) -> None:
    server = start_mongo(tmp_path)
    try:
        with mongo_client(server.url) as client:
            client.db.words.insert_one({"_id": 1})
            disarm = {"configureFailPoint": "failCommand", "mode": "off"}

            assert client.db.words.count_documents({}) == 1
            assert client.admin.command(disarm)["ok"] == 1
            assert server.version
    finally:
        server.discard()


def test_data_of_a_stopped_server_is_there_after_a_restart(tmp_path: Path) -> None:
    first = start_mongo(tmp_path)
    with mongo_client(first.url) as client:
        client.db.words.insert_one({"_id": 1})

    first.stop()
    second = start_mongo(tmp_path)
    try:
        with mongo_client(second.url) as client:
            assert client.db.words.count_documents({}) == 1
    finally:
        second.discard()


def test_a_folder_opens_again_after_a_kill_and_not_while_it_is_in_use(tmp_path: Path) -> None:
    first = start_mongo(tmp_path)
    first.discard()

    second = start_mongo(tmp_path)
    try:
        with pytest.raises(StackError, match=f"folder {tmp_path}/mongo is locked by another"):
            start_mongo(tmp_path)
    finally:
        second.discard()


def test_arguments_can_be_added(tmp_path: Path) -> None:
    with pytest.raises(EarlyExitError, match="no-such-option"):
        start_mongo(tmp_path, extra_args=["--no-such-option"])


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(StackError, match=f"Port {port} .* is taken"):
            start_mongo(tmp_path, port=port)


def test_no_client_is_left_open_by_the_readiness_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[MongoClient[dict[str, object]]] = []
    closed: list[object] = []
    connect, close = MongoClient.__init__, MongoClient.close

    def counted_connect(self: MongoClient[dict[str, object]], *args: object, **kw: object) -> None:
        opened.append(self)
        connect(self, *args, **kw)  # type: ignore[arg-type]

    def counted_close(self: MongoClient[dict[str, object]]) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(MongoClient, "__init__", counted_connect)
    monkeypatch.setattr(MongoClient, "close", counted_close)

    start_mongo(tmp_path).discard()

    assert opened
    assert all(any(client is other for other in closed) for client in opened)


def test_somebody_elses_server_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    server = start_mongo(tmp_path)
    port = int(server.url.partition("/?")[0].rpartition(":")[2])
    try:
        with Process.start(["sleep", "60"], name="ours", log=tmp_path / "log") as ours:
            assert server.process
            assert _probe(port, ours) == f"port {port} answers for process {server.process.pid}"
    finally:
        server.discard()
