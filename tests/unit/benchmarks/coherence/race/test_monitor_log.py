import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from benchmarks.coherence.race.monitor_log import LoggedCommand, MonitorLog, wait_until
from benchmarks.stack.errors import StackError


class Wire:
    """A Redis that only repeats what it is told."""

    def __init__(self) -> None:
        self._commands: queue.Queue[dict[str, Any]] = queue.Queue()

    def tell(self, text: str, *, kind: str = "tcp", port: str = "1") -> None:
        self._commands.put(
            {
                "time": 1.5,
                "command": text,
                "client_type": kind,
                "client_address": "127.0.0.1",
                "client_port": port,
            }
        )

    def echo(self, word: str) -> None:
        self.tell(f"ECHO {word}")

    def listen(self) -> dict[str, Any]:
        return self._commands.get(timeout=60)


@contextmanager
def witness_of(wire: Wire) -> Iterator[MonitorLog]:
    witness = MonitorLog(wire.listen, wire.echo, own="127.0.0.1:9")
    witness.start()
    yield witness
    witness.stop()


def test_everything_told_before_is_heard_and_the_own_words_are_not() -> None:
    wire = Wire()
    with witness_of(wire) as witness:
        wire.tell("GET a")
        wire.tell("SET a", kind="lua")
        wire.tell("SCAN a", port="9")

        assert witness.heard() == (
            LoggedCommand(1.5, "GET a"),
            LoggedCommand(1.5, "SET a", in_script=True),
        )
        wire.tell("DEL a")
        assert len(witness.heard()) == 3


def test_a_wait_ends_when_it_happened() -> None:
    answers = iter([False, False, True])
    pauses: list[float] = []

    wait_until(lambda: next(answers), "see it", sleep=pauses.append)

    assert len(pauses) == 2


def test_a_wait_that_lasts_too_long_names_the_step() -> None:
    times = iter([0.0, 0.4, 1.1])

    with pytest.raises(StackError, match=r"waited 1 s to see A miss"):
        wait_until(
            lambda: False,
            "see A miss",
            deadline_s=1,
            clock=lambda: next(times),
            sleep=lambda _: None,
        )
