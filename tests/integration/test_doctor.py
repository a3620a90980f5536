"""The whole look, with real servers where a test asks for them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.doctor.installed import SOURCES, ServerSource
from benchmarks.doctor.run import doctor
from benchmarks.stack.server import Server
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.doctor.fake_machine import FakeMachine


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

    mongo, redis = SOURCES
    return replace(mongo, external=external), replace(redis, external=external)


NAMED = {"MONGODB_URL": "mongodb://u:secret@db/", "REDIS_URL": "redis://:secret@db/0"}


@pytest.mark.servers
def test_servers_of_our_own_are_started_and_none_is_left() -> None:
    started: list[Server] = []

    def recorded(source: ServerSource) -> ServerSource:
        def start(folder: Path) -> Server:
            server = source.start(folder)
            started.append(server)
            return server

        return replace(source, start=start)

    code, text = said(seconds=0, sources=[recorded(source) for source in SOURCES])

    # A machine without Redis cannot measure; everything else that is wrong would be a 4.
    assert code in {0, 3}
    assert text.count("started, answered after") == 2
    assert all(server.version in text for server in started)
    processes = [server.process for server in started]
    assert [each is not None and each.poll() is None for each in processes] == [False, False]


@pytest.mark.parametrize(
    ("redis", "noise", "seconds", "code", "words"),
    [
        ("Redis", 0.005, 5, 0, "This machine can measure differences above about 0."),
        ("Redis", 0.4, 5, 3, "Too noisy to measure now"),
        # What is broken weighs more than what is noisy.
        (None, 0.4, 5, 4, "Something that is needed is missing or broken"),
        ("fakeredis", 0.005, 5, 3, "No latency can be measured here"),
        ("Redis", 0.4, 0, 0, "was not looked at"),
    ],
)
def test_the_exit_code_says_whether_this_machine_can_measure(
    redis: str | None, noise: float, seconds: float, code: int, words: str
) -> None:
    def external(url: str) -> Server:
        if redis is None:
            raise UsageError("it is gone.")
        return Server(role="redis", kind="external", product=redis, version="2", url=url)

    mongo, of_redis = present()
    sources = (mongo, replace(of_redis, external=external))
    instruments = FakeMachine(noise=noise).instruments()

    found, text = said(NAMED, sources=sources, instruments=instruments, seconds=seconds)

    assert found == code
    assert words in text
    assert "secret" not in text
    assert ("is not Redis" in text) == (redis == "fakeredis")
    assert ("Is it quiet?" in text) == (seconds > 0)


def test_an_interruption_ends_the_look() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    interrupted = replace(FakeMachine().instruments(), sleep=interrupt)

    code, text = said(NAMED, sources=present(), instruments=interrupted)

    assert code == 4
    assert "Stopped before the end" in text


@pytest.mark.parametrize("seconds", [0.1, 61, -1, float("nan")])
def test_a_look_that_is_too_short_or_too_long_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="--seconds"):
        said(seconds=seconds)
