"""The commands that Redis got in a race, by its own MONITOR, and their meaning in words.

What a service *sends* is one thing, what *arrives* another: that is the whole race. Scripts are
known by what they do, not by their text: nothing here knows the service's code.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis

from benchmarks.coherence.race.recording import AFTER, BEFORE
from benchmarks.stack.errors import StackError

_MARKER = "fivefold-race"
_POLL_S = 0.002


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """One command that Redis ran, at an instant of the machine's clock, in seconds.

    ``in_script`` for one that a script ran; it comes directly after the script's own.
    """

    at_s: float
    text: str
    in_script: bool = False


class MonitorLog:
    """Listen in a thread of its own, and keep what was heard.

    ``listen`` returns the next command as redis-py's ``Monitor`` does; ``call`` sends a word
    through Redis, which is then heard as well. What comes from the address ``own`` is not kept.
    """

    def __init__(
        self, listen: Callable[[], Any], call: Callable[[str], object], *, own: str = ""
    ) -> None:
        self._listen = listen
        self._call = call
        self._own = own
        self._heard: list[LoggedCommand] = []
        self._markers: set[str] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, once everything before has been heard."""
        self._call(f"{_MARKER}-end")
        self._thread.join()

    def heard(self) -> Sequence[LoggedCommand]:
        """Return everything that Redis ran before this call."""
        marker = f"{_MARKER}-{len(self._markers)}"
        self._call(marker)
        wait_until(lambda: marker in self._markers, "record the commands that Redis gets")
        return tuple(self._heard)

    def _run(self) -> None:
        while True:
            command = self._listen()
            text = str(command["command"])
            if _MARKER in text:
                self._markers.add(text.rpartition(" ")[2])
                if text.endswith("-end"):
                    return
            elif f"{command['client_address']}:{command['client_port']}" != self._own:
                in_script = command["client_type"] == "lua"
                self._heard.append(LoggedCommand(command["time"], text, in_script))


@contextmanager
def listening(url: str, *, own: str = "") -> Iterator[MonitorLog]:
    """Listen to the Redis of this URL, but not to ``own``, while the context is open."""
    with Redis.from_url(url) as client, client.monitor() as monitor:
        log = MonitorLog(monitor.next_command, client.echo, own=own)
        log.start()
        try:
            yield log
        finally:
            log.stop()


def wait_until(
    happened: Callable[[], bool],
    what: str,
    *,
    deadline_s: float = 5.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Return as soon as it has happened; raises ``StackError`` naming it after the deadline."""
    ends_at = clock() + deadline_s
    while not happened():
        if clock() > ends_at:
            raise StackError(
                f"The race came to a halt: it waited {deadline_s:g} s to {what}; run it again on a "
                "quieter machine."
            )
        sleep(_POLL_S)


LIST, ACCOUNT = "todos", "user"
_SLOTS = (LIST, ACCOUNT, "writers")
_SCRIPTS = frozenset({"EVAL", "EVALSHA"})
_READS = frozenset({"GET", "MGET"})
_STORES = frozenset({"SET", "SETEX", "PSETEX"})
_NAMED = 60
_HEADING = re.compile(rf"heading\W{{1,12}}({BEFORE}|{AFTER})\b")
"""The todo in a list that was encoded as JSON, however that was quoted once more."""


@dataclass(frozen=True, slots=True)
class Description:
    """One command, or one script with all that it did, in words."""

    at_s: float
    said: str
    lays_token: bool = False
    """Whether a reader was given the right to store a value later."""
    stores: bool = False
    """Whether it stored a value, or was to."""

    @property
    def is_of_list(self) -> bool:
        """Tell whether it is about the todo list."""
        return LIST in self.said


def described(heard: Iterable[LoggedCommand], user: str) -> list[Description]:
    """Return what Redis was told of a user, given by its id, in the order in which it was told."""
    return [
        _script(command, within) if _verb(command.text) in _SCRIPTS else _plain(command, user)
        for command, within in _grouped(heard)
        # A script that ran nothing is one that Redis does not know yet: it is sent again in full.
        if user in command.text and (within or _verb(command.text) not in _SCRIPTS)
    ]


def value_of(text: str) -> str:
    """Return which list a stored text holds: the old one, the new one, or what else it is."""
    if found := _HEADING.search(text):
        return found[1]
    if text.startswith("L"):
        return "a fill token"
    return "a trace of the write" if text == "X" else "something else"


def slot_of(key: str) -> str:
    """Return the slot that a key belongs to, the key itself where that cannot be told."""
    return next((slot for slot in _SLOTS if slot in key), key[:_NAMED])


def _grouped(heard: Iterable[LoggedCommand]) -> list[tuple[LoggedCommand, list[LoggedCommand]]]:
    """Return every command of a client with those that its script ran."""
    groups: list[tuple[LoggedCommand, list[LoggedCommand]]] = []
    for command in heard:
        if command.in_script and groups:
            groups[-1][1].append(command)
        else:
            groups.append((command, []))
    return groups


def _verb(text: str) -> str:
    return text.partition(" ")[0].upper()


def _plain(command: LoggedCommand, user: str) -> Description:
    verb, _, rest = command.text.partition(" ")
    if verb.upper() in _STORES:
        key, _, value = rest.partition(" ")
        return Description(
            command.at_s, f"{verb.upper()} {slot_of(key)} = {value_of(value)}", stores=True
        )
    slots = ", ".join(slot_of(word) for word in rest.split() if user in word)
    return Description(command.at_s, f"{verb.upper()} {slots}")


def _script(command: LoggedCommand, within: Sequence[LoggedCommand]) -> Description:
    verbs = {_verb(each.text) for each in within}
    stored = [each.text for each in within if _verb(each.text) == "SET"]
    # SET KEY VALUE ...
    tokens = any(text.split(" ", 2)[2].startswith("L") for text in stored)
    slots = ", ".join(sorted({slot_of(each.text) for each in within} & {LIST, ACCOUNT}))
    if "ZADD" in verbs:
        said = f"mark: empty {slots}, refuse fills"
    elif "ZREM" in verbs:
        said = f"clear: empty {slots}, void tokens, unmark"
    elif tokens:
        said = f"acquire {slots}: granted, a token"
    elif stored:
        said = f"fill {slots} = {value_of(stored[-1])}: stored"
    elif "ZCOUNT" in verbs:
        said = f"acquire {slots}: refused"
    elif verbs <= _READS:
        said = f"fill {slots} = {value_of(command.text)}: no token, refused"
    else:
        said = f"a script over {slots}"
    return Description(command.at_s, said, lays_token=tokens, stores=said.startswith("fill"))
