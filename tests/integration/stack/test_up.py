"""``fivefold up``: users to begin with, services that trust Locust, and Locust's page."""

import signal
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest
from pymongo import MongoClient

from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.fill import USERS, example_data, fill_if_empty
from benchmarks.stack.ports import HOST, answers, free_port
from tests.integration.stack.conftest import Script
from tests.integration.stack.test_run import Run, children_of, get
from tests.unit.benchmarks.stack.waiting import eventually, is_gone

pytestmark = pytest.mark.servers


def test_up_prints_three_addresses_that_answer_and_leaves_nothing(
    run_script: Script, temporary: Path
) -> None:
    cached, uncached, locust = free_port(), free_port(), free_port()
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": locust}
    run = Run(run_script, "up", options)
    run.wait_running()
    got = [get(port)["environ"] for port in (cached, uncached)]
    connection = HTTPConnection(HOST, locust, timeout=60)
    connection.request("GET", "/")
    page = connection.getresponse().read().decode()
    connection.close()
    children = children_of(run.script.pid)

    assert run.end(signal.SIGTERM) == 0
    for port in (cached, uncached, locust):
        assert f"http://{HOST}:{port}" in run.shown
    assert "ReadMostly" in page
    assert [each["TRUSTED_PROXIES"] for each in got] == [HOST] * 2
    assert len({each["ADMIN_TOKEN"] for each in got}) == 1
    assert len(got[0]["ADMIN_TOKEN"]) >= 32
    assert eventually(lambda: all(map(is_gone, children)))
    assert not answers(locust)
    assert list(temporary.iterdir()) == []


def test_what_the_environment_names_is_not_replaced(run_script: Script) -> None:
    cached, uncached = free_port(), free_port()
    options = {"cached_port": cached, "uncached_port": uncached, "locust_port": None}
    run = Run(run_script, "up", options, admin_token="mine", TRUSTED_PROXIES="10.0.0.0/8")
    run.wait_running()
    got = get(cached)["environ"]

    assert run.end(signal.SIGTERM) == 0
    assert (got["ADMIN_TOKEN"], got["TRUSTED_PROXIES"]) == ("mine", "10.0.0.0/8")
    assert "locust" not in run.shown


def test_a_taken_port_for_locust_is_said_before_anything_starts(run_script: Script) -> None:
    with socket.create_server((HOST, 0)) as holder:
        port = holder.getsockname()[1]
        options = {"cached_port": free_port(), "uncached_port": free_port(), "locust_port": port}
        run = Run(run_script, "up", options, MONGODB_URL=f"mongodb://{HOST}:1/")

        assert run.end() == 4
    assert run.shown.startswith(f"Port {port} of {HOST} is taken")


def test_an_empty_database_gets_users_and_one_with_users_is_left_alone(
    servers: Stack, database_name: str
) -> None:
    data = example_data()
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        database = client.get_database(database_name)

        assert fill_if_empty(servers.mongo.url, database_name, data)
        assert database["users"].count_documents({}) == USERS
        assert database["todos"].count_documents({}) == 20 * USERS

        database["users"].delete_many({"email": {"$ne": "user-00000@example.com"}})
        assert not fill_if_empty(servers.mongo.url, database_name, data)
        assert database["users"].count_documents({}) == 1


def test_a_server_that_is_gone_cannot_be_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.stack.fill._TIMEOUT_MS", 200)

    with pytest.raises(
        StackError, match=r"could not be filled with users \(127.0.0.1:1: .*refused\)"
    ):
        fill_if_empty(f"mongodb://{HOST}:1/", "nothing", example_data())
