"""The whole look, with real servers where a test asks for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks.doctor.run import doctor
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import Role, Server
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.doctor.fake_machine import FakeMachine


def said(**asked: Any) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    output = StringIO()
    given: dict[str, Any] = {"environ": {}, "seconds": 0} | asked
    code = doctor(**given, console=Console(file=output, width=400))
    return code, output.getvalue()


def server(role: Role, product: str) -> Server:
    return Server(role=role, kind="external", product=product, version="8", url="x://:secret@db/0")


@contextmanager
def present(
    *, environ: Mapping[str, str], redis: str = "Redis", mongo: str = "MongoDB"
) -> Iterator[Stack]:
    """Yield servers of which nothing has to be started."""
    assert environ == {}
    yield Stack(mongo=server("mongo", mongo), redis=server("redis", redis), folder=Path("unused"))


@pytest.mark.servers
def test_servers_of_our_own_are_started_and_none_is_left() -> None:
    stacks: list[Stack] = []

    @contextmanager
    def recorded(environ: dict[str, str]) -> Iterator[Stack]:
        with open_stack(environ=environ) as stack:
            stacks.append(stack)
            yield stack

    code, text = said(opened=recorded)

    # A machine without Redis cannot measure; everything else that is wrong would be a 4.
    assert code in {0, 3}
    [stack] = stacks
    for each in (stack.mongo, stack.redis):
        assert each
        assert f"{each.label} at {each.address} answers" in text
        assert each.process
        assert each.process.poll() is not None


@pytest.mark.parametrize(
    ("servers", "noise", "seconds", "code", "words"),
    [
        ({}, 0.005, 5, 0, "This machine can measure differences above about 0."),
        ({}, 0.4, 5, 3, "Too noisy to measure now"),
        ({"redis": "fakeredis"}, 0.005, 5, 3, "No latency can be measured here"),
        ({"redis": "fakeredis"}, 0.005, 5, 3, "fakeredis is not Redis"),
        ({"mongo": "SecantusDB"}, 0.4, 0, 0, "flatters any cache: these are not MongoDB"),
        ({}, 0.4, 0, 0, "was not looked at"),
    ],
)
def test_the_exit_code_says_whether_this_machine_can_measure(
    servers: dict[str, Any], noise: float, seconds: float, code: int, words: str
) -> None:
    found, text = said(
        opened=partial(present, **servers),
        instruments=FakeMachine(noise=noise).instruments(),
        seconds=seconds,
    )

    assert found == code
    assert words in text
    assert "secret" not in text
    assert ("install redis-server" in text) == ("redis" in servers)
    assert ("put mongod on PATH" in text) == ("mongo" in servers)
    assert ("Is it quiet?" in text) == (seconds > 0)


@pytest.mark.parametrize("error", [StackError("it is gone."), UsageError("it is gone.")])
def test_a_server_that_does_not_answer_or_start_weighs_more_than_noise(error: Exception) -> None:
    def broken(**_: Any) -> Any:
        raise error

    code, text = said(opened=broken, instruments=FakeMachine(noise=0.4).instruments(), seconds=5)

    assert code == 4
    assert "it is gone" in text
    assert "Something that is needed is missing or broken" in text


def test_an_interruption_ends_the_look() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    interrupted = replace(FakeMachine().instruments(), sleep=interrupt)

    code, text = said(opened=present, instruments=interrupted, seconds=5)

    assert code == 4
    assert "Stopped before the end" in text


@pytest.mark.parametrize("seconds", [0.1, 61, -1, float("nan")])
def test_a_look_that_is_too_short_or_too_long_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="--seconds"):
        said(seconds=seconds)
