"""Fixtures of every kind of test: a clean environment, and real servers for those that ask."""

import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pymongo import MongoClient

from benchmarks.stack.embedded import Stack, open_stack
from service.config import Settings

SETTINGS = frozenset(name.upper() for name in Settings.model_fields)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of the service; it reads them in any case."""
    for name in [name for name in os.environ if name.upper() in SETTINGS]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """Start a MongoDB and a Redis of our own, once for all tests that ask."""
    with ExitStack() as cleanup:
        with warnings.catch_warnings():
            # fakeredis in place of Redis is no failure: tests ask for answers, not for times.
            warnings.simplefilter("default", RuntimeWarning)
            stack = cleanup.enter_context(open_stack(environ={}, redis=True))
        yield stack


@pytest.fixture
def database_name(servers: Stack) -> Iterator[str]:
    """Name a database, and so a Redis namespace, that only this test uses."""
    name = f"test_{uuid.uuid4().hex}"
    yield name
    client: MongoClient[dict[str, object]] = MongoClient(servers.mongo.url)
    with client:
        client.drop_database(name)
