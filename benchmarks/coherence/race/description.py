"""Commands of Redis in words: which slot, and whether the list in it is the old or the new one.

Scripts are known by what they do, not by their text: nothing here knows the service's code.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.coherence.race.monitor_log import LoggedCommand
from benchmarks.coherence.race.recording import AFTER, BEFORE

LIST, ACCOUNT = "todos", "user"
_SLOTS = (LIST, ACCOUNT, "writers")
_SCRIPTS = frozenset({"EVAL", "EVALSHA"})
_LOOKS = frozenset({"GET", "MGET"})
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
    """Whether somebody was given the right to store a value later."""
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


def _grouped(
    heard: Iterable[LoggedCommand],
) -> Iterator[tuple[LoggedCommand, Sequence[LoggedCommand]]]:
    """Yield every command of a client with those that its script ran."""
    groups: list[tuple[LoggedCommand, list[LoggedCommand]]] = []
    for command in heard:
        if command.in_script and groups:
            groups[-1][1].append(command)
        else:
            groups.append((command, []))
    yield from groups


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
    tokens = any(_value(text).startswith("L") for text in stored)
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
    elif verbs <= _LOOKS:
        said = f"fill {slots} = {value_of(command.text)}: no token, refused"
    else:
        said = f"a script over {slots}"
    return Description(command.at_s, said, lays_token=tokens, stores=said.startswith("fill"))


def _value(text: str) -> str:
    """Return what a ``SET`` stores."""
    return text.split(" ", 2)[2]
