"""The whole look, with real servers where a test asks for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from benchmarks.doctor.run import doctor
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import Server
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.fake_dependencies import Fakes


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    return Fakes(folder=tmp_path)


def said(fakes: Fakes, seconds: float = 0, **replaced: Any) -> tuple[int, str]:
    """Return the exit code and what was printed."""
    dependencies = replace(fakes.dependencies(), **replaced)
    dependencies.console.width = 400
    code = doctor(environ={}, seconds=seconds, dependencies=dependencies)
    return code, " ".join(fakes.output.getvalue().split())


@pytest.mark.servers
def test_servers_of_our_own_are_started_and_none_is_left(fakes: Fakes) -> None:
    stacks: list[Stack] = []

    @contextmanager
    def recorded(**given: Any) -> Iterator[Stack]:
        with open_stack(**given) as stack:
            stacks.append(stack)
            yield stack

    code, text = said(fakes, open_stack=recorded)

    # A machine without Redis cannot measure; everything else that is wrong would be a 4.
    assert code in {0, 3}
    [stack] = stacks
    for each in (stack.mongo, stack.redis):
        assert each
        assert f"{each.label} at {each.address} answers" in text
        assert each.process
        assert each.process.poll() is not None


def test_what_stands_in_for_a_server_is_warned_of_and_fakeredis_cannot_be_measured_with(
    fakes: Fakes,
) -> None:
    code, text = said(fakes)
    assert code == 0
    assert "flatters any cache: these are not MongoDB figures. -> for figures of MongoDB" in text

    fakes.redis_product = "fakeredis"
    code, text = said(fakes)
    assert code == 3
    assert "times mean nothing. -> install redis-server" in text
    assert "No latency can be measured here" in text


def test_a_password_of_a_server_is_not_shown(fakes: Fakes) -> None:
    @contextmanager
    def named(**_: Any) -> Iterator[Stack]:
        mongo = Server(
            role="mongo", kind="external", product="MongoDB", version="8", url="x://:secret@db/0"
        )
        yield Stack(mongo=mongo, redis=None, folder=fakes.folder)

    code, text = said(fakes, open_stack=named)

    assert code == 0
    assert "x://:***@db/0" in text


@pytest.mark.parametrize("error", [StackError("it is gone."), UsageError("it is gone.")])
def test_a_server_that_does_not_answer_or_start_is_a_failure(
    fakes: Fakes, error: Exception
) -> None:
    code, text = said(fakes, open_stack=Mock(side_effect=error))

    assert code == 4
    assert "it is gone" in text
    assert "Something that is needed is missing or broken" in text


@pytest.mark.parametrize(
    ("busy", "stolen", "words"),
    [
        (0.0, 0.05, "ok 5.0% while we slept"),
        (0.2, 0.0, "warn 20.0% while we slept. -> end other programs"),
        (0.0, 0.2, "warn 20.0% while we slept. -> another machine"),
    ],
)
def test_a_machine_that_others_use_is_warned_of(
    fakes: Fakes, busy: float, stolen: float, words: str
) -> None:
    idle = fakes.read_system()
    used = replace(
        idle,
        at_s=5.0,
        cpu_ticks=1000,
        idle_ticks=round(1000 * (1 - busy - stolen)),
        steal_ticks=round(1000 * stolen),
    )
    readings = iter([replace(idle, cpu_ticks=0), used])

    code, text = said(fakes, seconds=5, read_system=lambda: next(readings))

    assert code == 0
    assert words in text
    assert "Nothing was found that keeps" in text


def test_what_a_system_does_not_tell_is_said(fakes: Fakes) -> None:
    unknown = replace(fakes.read_system(), cpu_ticks=None, idle_ticks=None, steal_ticks=None)

    code, text = said(fakes, seconds=5, read_system=lambda: unknown)

    assert code == 0
    assert text.count("cannot be read on this system") == 2


def test_an_interruption_ends_the_look(fakes: Fakes) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    code, text = said(fakes, seconds=5, sleep=interrupt)

    assert code == 4
    assert "Stopped before the end" in text


@pytest.mark.parametrize("seconds", [0.1, 61, -1, float("nan")])
def test_a_look_that_is_too_short_or_too_long_is_refused(fakes: Fakes, seconds: float) -> None:
    with pytest.raises(UsageError, match="--seconds"):
        said(fakes, seconds=seconds)
