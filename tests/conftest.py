"""Fixtures of every kind of test: a clean environment, and real servers for those that ask.

``FIVEFOLD_TEST_MONGODB_URL`` and ``FIVEFOLD_TEST_REDIS_URL`` name servers to use in place of our
own; give pytest one process then, because the failpoint is the server's, not the test's.
"""

import os
import re
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from pymongo import MongoClient

from benchmarks.stack import process
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.ports import held_port
from service.config import Settings
from tests import forked, needs
from tests.redis_cluster import NODE_TIMEOUT_MS, OwnCluster, running_cluster

pytest_plugins = ["tests.rest", "tests.skips", "pytester"]

SETTINGS = frozenset(name.upper() for name in Settings.model_fields)
NAMED_SERVERS = {
    name: url
    for name in ("MONGODB_URL", "REDIS_URL")
    if (url := os.environ.get(f"FIVEFOLD_TEST_{name}"))
}
OF_A_TEST = re.compile(r"[a-z0-9_]+_[0-9a-f]{12,32}")
"""The names of databases that tests make up."""


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of the service; it reads them in any case."""
    for name in [name for name in os.environ if name.upper() in SETTINGS]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _forked_services() -> Iterator[None]:
    """Fork the services of tests, which is much faster than starting them from nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "spawn", forked.spawn)
        yield


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start services as everybody does."""
    monkeypatch.setattr(process, "spawn", forked.FROM_NOTHING)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Hold a port where nothing listens, but what the test starts there."""
    with held_port() as port:
        yield port


@contextmanager
def _left_as_it_was(url: str) -> Iterator[None]:
    """Drop what tests made on a named server and left, as they may on one that goes with them."""
    with MongoClient[dict[str, object]](url) as client:
        before = set(client.list_database_names())
        yield
        for name in set(client.list_database_names()) - before:
            if OF_A_TEST.fullmatch(name):
                client.drop_database(name)


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """Open the named servers, or a MongoDB and a Redis of our own, once for all tests that ask."""
    with ExitStack() as cleanup:
        with warnings.catch_warnings():
            # fakeredis in place of Redis is no failure: tests ask for answers, not for times.
            warnings.simplefilter("default", RuntimeWarning)
            stack = cleanup.enter_context(open_stack(environ=NAMED_SERVERS, redis=True))
        if "MONGODB_URL" in NAMED_SERVERS:
            cleanup.enter_context(_left_as_it_was(stack.mongo.url))
        yield stack


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCluster]:
    """Start a Redis Cluster of our own, once for all tests that ask."""
    needs.program("redis-server")
    with running_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def calm_cluster(cluster: OwnCluster) -> Iterator[OwnCluster]:
    """Set a long node timeout: a primary that a busy machine stalls would lose its slots."""
    cluster.give_up_after(600_000)
    cluster.wait_whole()
    yield cluster
    cluster.give_up_after(NODE_TIMEOUT_MS)


@pytest.fixture
def database_name(servers: Stack) -> Iterator[str]:
    """Name a database, and so a Redis namespace, that only this test uses."""
    name = f"test_{uuid.uuid4().hex}"
    yield name
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        client.drop_database(name)
