import queue
from typing import Any

import pytest

from benchmarks.coherence.race.monitor_log import LoggedCommand, MonitorLog, wait_until
from benchmarks.stack.errors import StackError


class Wire:
    """A Redis that only repeats what it is told."""

    def __init__(self) -> None:
        self._commands: queue.Queue[dict[str, Any]] = queue.Queue()

    def say(self, text: str, *, kind: str = "tcp", port: str = "1") -> None:
        client = {"client_type": kind, "client_address": "127.0.0.1", "client_port": port}
        self._commands.put({"time": 1.5, "command": text, **client})

    def echo(self, word: str) -> None:
        self.say(f"ECHO {word}")

    def listen(self) -> dict[str, Any]:
        return self._commands.get(timeout=60)


def test_everything_said_before_is_heard_and_the_own_words_are_not() -> None:
    wire = Wire()
    log = MonitorLog(wire.listen, wire.echo, own="127.0.0.1:9")
    log.start()
    wire.say("GET a")
    wire.say("SET a", kind="lua")
    wire.say("SCAN a", port="9")

    heard = log.heard()
    wire.say("DEL a")
    heard_later = log.heard()
    log.stop()

    assert heard == (LoggedCommand(1.5, "GET a"), LoggedCommand(1.5, "SET a", in_script=True))
    assert heard_later == (*heard, LoggedCommand(1.5, "DEL a"))


def test_a_wait_ends_when_it_happened_and_one_that_lasts_too_long_names_the_step() -> None:
    answers, times = iter([False, False, True]), iter([0.0, 0.4, 1.1])
    pauses: list[float] = []

    wait_until(lambda: next(answers), "see it", sleep=pauses.append)

    assert len(pauses) == 2
    with pytest.raises(StackError, match=r"waited 1 s to see A miss"):
        wait_until(
            lambda: False,
            "see A miss",
            deadline_s=1,
            clock=lambda: next(times),
            sleep=lambda _: None,
        )
