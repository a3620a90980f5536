"""The whole look, with real servers where a test asks for them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rich.console import Console

from benchmarks.doctor.installed import WAYS, ServerSource
from benchmarks.doctor.run import doctor
from benchmarks.stack.embedded import Stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import Server, mongo_server
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.doctor.fake_machine import FakeMachine

QUIET = FakeMachine(noise=0.005).instruments


def said(environ: dict[str, str] | None = None, **asked: Any) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    output = StringIO()
    console = Console(file=output, width=400)
    code = doctor(environ=environ or {}, console=console, **asked)
    return code, output.getvalue()


def present() -> tuple[ServerSource, ServerSource]:
    """Return ways to servers of which nothing has to be started."""

    def external(url: str) -> Server:
        return Server(role="redis", kind="external", product="MongoDB", version="8", url=url)

    mongo, redis = WAYS
    return replace(mongo, external=external), replace(redis, external=external)


NAMED = {"MONGODB_URL": "mongodb://u:secret@db/", "REDIS_URL": "redis://:secret@db/0"}


@pytest.mark.servers
def test_servers_of_our_own_are_started_and_none_is_left() -> None:
    started: list[Server] = []

    def recorded(way: ServerSource) -> ServerSource:
        def start(folder: Path) -> Server:
            server = way.start(folder)
            started.append(server)
            return server

        return replace(way, start=start)

    code, text = said(seconds=0, to_servers=[recorded(way) for way in WAYS])

    # A machine without Redis cannot measure; everything else that is wrong would be a 4.
    assert code in {0, 3}
    assert text.count("started, answered after") == 2
    assert all(server.version in text for server in started)
    processes = [server.process for server in started]
    assert [each is not None and each.poll() is None for each in processes] == [False, False]


@pytest.mark.servers
def test_named_servers_are_asked_and_left_alone(servers: Stack) -> None:
    assert servers.redis is not None
    named = {"MONGODB_URL": servers.mongo.url, "REDIS_URL": servers.redis.url}
    with Redis.from_url(servers.redis.url) as client:
        client.set("somebody", "else's")
        _, text = said(named, seconds=0)
        kept = client.get("somebody")
        client.delete("somebody")

    assert text.count("it answers") == 2
    assert kept == b"else's"
    assert mongo_server(servers.mongo.url, "external").product == servers.mongo.product


def test_a_named_server_that_is_not_there_is_broken_and_keeps_its_password() -> None:
    environ = {
        "MONGODB_URL": "mongodb://anna:secret@127.0.0.1:9/",
        "REDIS_URL": "redis://:secret@127.0.0.1:9/0",
    }

    code, text = said(environ, seconds=0)

    assert code == 4
    assert "MONGODB_URL=mongodb://anna:***@127.0.0.1:9/ names a server that gave no answer" in text
    assert "REDIS_URL=redis://:***@127.0.0.1:9/0 names a server that gave no answer" in text
    assert "Something that is needed is missing or broken" in text
    assert "secret" not in text


def test_a_quiet_machine_can_measure() -> None:
    code, text = said(NAMED, to_servers=present(), instruments=QUIET())

    assert code == 0
    assert "This machine can measure differences above about 0." in text
    assert "secret" not in text


def test_a_machine_that_is_too_noisy_says_so_and_returns_3() -> None:
    loud = FakeMachine(noise=0.4).instruments()

    code, text = said(NAMED, to_servers=present(), instruments=loud)

    assert code == 3
    assert "Too noisy to measure now" in text


def test_what_is_broken_weighs_more_than_what_is_noisy() -> None:
    loud = FakeMachine(noise=0.4).instruments()
    mongo, redis = present()

    def gone(_: str) -> Server:
        raise StackError("it is gone.")

    broken = (replace(mongo, external=gone), redis)

    assert said(NAMED, to_servers=broken, instruments=loud)[0] == 4


def test_without_a_redis_nothing_can_be_measured() -> None:
    mongo, redis = present()

    def stand_in(url: str) -> Server:
        return Server(role="redis", kind="external", product="fakeredis", version="2", url=url)

    code, text = said(
        NAMED,
        to_servers=(mongo, replace(redis, external=stand_in)),
        instruments=QUIET(),
    )

    assert code == 3
    assert "IT IS NOT REDIS" in text
    assert "No latency can be measured here" in text


def test_without_a_look_nothing_is_said_about_quiet() -> None:
    code, text = said(NAMED, to_servers=present(), seconds=0)

    assert code == 0
    assert "was not looked at" in text
    assert "Is it quiet?" not in text


def test_without_starting_only_what_is_installed_is_named() -> None:
    def never(_: Path) -> Server:
        pytest.fail("it was started")

    looking = [replace(way, start=never) for way in WAYS]

    _, text = said(to_servers=looking, start=False, seconds=0)

    assert text.count("would be started") == 2


def test_an_interruption_ends_the_look() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    interrupted = replace(QUIET(), sleep=interrupt)

    code, text = said(NAMED, to_servers=present(), instruments=interrupted)

    assert code == 4
    assert "Stopped before the end" in text


@pytest.mark.parametrize("seconds", [0.1, 61, -1, float("nan")])
def test_a_look_that_is_too_short_or_too_long_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="--seconds"):
        said(seconds=seconds)
