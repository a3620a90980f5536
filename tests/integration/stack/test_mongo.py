"""The embedded MongoDB starts, keeps its data and explains itself."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.identity import mongo_client
from benchmarks.stack.mongo import _probe, start_mongo
from benchmarks.stack.process import Process

pytestmark = pytest.mark.servers


def test_it_takes_test_commands_and_opens_its_data_again_after_a_stop_and_after_a_kill(
    tmp_path: Path,
) -> None:
    first = start_mongo(tmp_path)
    with mongo_client(first.url) as client:
        client.db.words.insert_one({"_id": 1})
        disarm = {"configureFailPoint": "failCommand", "mode": "off"}
        assert client.admin.command(disarm)["ok"] == 1
    first.stop()

    second = start_mongo(tmp_path)
    try:
        with mongo_client(second.url) as client:
            assert client.db.words.count_documents({}) == 1
        with pytest.raises(StackError, match=f"folder {tmp_path}/mongo is locked by another"):
            start_mongo(tmp_path)
    finally:
        second.discard()

    start_mongo(tmp_path).discard()


def test_readiness_checks_leave_no_client_open_and_take_no_other_server_for_ours(
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

    server = start_mongo(tmp_path)
    try:
        assert server.process
        port = int(server.url.partition("/?")[0].rpartition(":")[2])
        with Process.start(["sleep", "60"], name="ours", log=tmp_path / "log") as ours:
            assert _probe(port, ours) == f"port {port} answers for process {server.process.pid}"
    finally:
        server.discard()

    assert len(opened) > 1
    assert all(any(client is other for other in closed) for client in opened)


def test_arguments_can_be_added(tmp_path: Path) -> None:
    with pytest.raises(EarlyExitError, match="no-such-option"):
        start_mongo(tmp_path, extra_args=["--no-such-option"])
