import queue
from typing import Any

import pytest

from benchmarks.coherence.race.commands import (
    Description,
    LoggedCommand,
    MonitorLog,
    described,
    slot_of,
    value_of,
    wait_until,
)
from benchmarks.stack.errors import StackError

USER = "a" * 24
LIST = f"fivefold:d:2:1:{{{USER}}}:todos"
WRITERS = f"fivefold:d:2:1:{{{USER}}}:writers"
STORED = 'V{"heading":"before"}'


def script(*inner: str, arguments: str = "") -> list[LoggedCommand]:
    """Return a script of the fenced cache and the commands that it ran."""
    own = LoggedCommand(1.0, f"EVALSHA 0123 1 {LIST} {arguments}")
    return [own, *(LoggedCommand(1.0, text, in_script=True) for text in inner)]


def only(heard: list[LoggedCommand]) -> Description:
    [one] = described(heard, USER)
    return one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"MGET naive:d:{{{USER}}}:user naive:d:{{{USER}}}:todos", "MGET user, todos"),
        (f"GET todos:{USER}", "GET todos"),
        (f'SET naive:{USER}:todos {{"heading":"before"}} PX 3000', "SET todos = before"),
        (f"SETEX todos:{USER} 300 heading\\\\x94\\\\x8c: before", "SETEX todos = something else"),
        (f'SETEX todos:{USER} 300 [{{\\"heading\\":\\"after\\"}}]', "SETEX todos = after"),
        (f"UNLINK d:todos:{USER}", "UNLINK todos"),
    ],
)
def test_a_plain_command_is_told_by_slot_and_value(text: str, said: str) -> None:
    assert only([LoggedCommand(1.0, text)]).said == said


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (("TIME", f"ZCOUNT {WRITERS}", f"GET {LIST}", f"SET {LIST} Labc PX 2"), "a token"),
        (("TIME", f"ZCOUNT {WRITERS}", f"GET {LIST}"), "acquire todos: refused"),
        ((f"GET {LIST}", f"SET {LIST} {STORED} PX 3"), "fill todos = before: stored"),
        ((f"GET {LIST}",), "fill todos = before: no token, refused"),
        ((f"DEL {LIST}", "TIME", f"ZADD {WRITERS} 1 t"), "mark: empty todos, refuse fills"),
        ((f"DEL {LIST}", f"SET {LIST} X PX 3", f"ZREM {WRITERS} t"), "clear: empty todos"),
        ((f"INCR {LIST}",), "a script over todos"),
    ],
)
def test_a_script_is_told_by_what_it_did(inner: tuple[str, ...], said: str) -> None:
    assert said in only(script(*inner, arguments=STORED)).said


def test_only_what_may_be_stored_later_counts_as_a_token() -> None:
    granted = only(script(f"SET {LIST} Labc PX 2"))
    filled = only(script(f'SET {LIST} V{{"name":"Ada Lovelace"}} PX 2'))

    assert granted.lays_token
    assert not granted.stores
    assert filled.stores
    assert not filled.lays_token


def test_what_a_script_ran_stays_with_it_and_what_is_of_others_or_not_known_yet_is_left_out() -> (
    None
):
    others = [LoggedCommand(1.0, "GET todos:b"), LoggedCommand(1.0, "PING"), *script()]
    own = [*script(f"GET {LIST}"), LoggedCommand(2.0, f"DEL {LIST}")]
    first, second = described([*others, *own], USER)

    assert first.said.startswith("fill")
    assert second == Description(2.0, "DEL todos")
    assert second.is_of_list
    assert not Description(1.0, "GET user").is_of_list


def test_what_stands_in_place_of_a_list_has_a_name() -> None:
    names = {
        "Labc": "a fill token",
        "X": "a trace of the write",
        '{"refresh_after": 1, "heading": "before"}': "before",
        "?": "something else",
    }
    assert {value: value_of(value) for value in names} == names
    assert slot_of("elsewhere") == "elsewhere"


class RecordedWire:
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
    wire = RecordedWire()
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
