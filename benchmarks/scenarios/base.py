"""The shape of a scenario: which user asks for what, in which order.

A scenario is drawn once and then driven by the recorder, an open loop or a load tool. The same
draw gives every variant the same operations. A file of a user's own needs this module alone.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Primed = Literal["never", "session", "request"]
"""When an unrecorded read fills the cache: never, or before each session or measured request."""

ScenarioKind = Literal["session", "mix"]
"""Sessions repeat a few requests of one user; a mix draws users and actions at random."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request to the service."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user of one variant who is logged in; the same number is the same user everywhere."""

    number: int
    headers: Mapping[str, str] = field(default_factory=dict)
    todo_ids: Sequence[str] = ()
    email: str = ""


Action = Callable[[Member], Ask]
"""Makes a request of a member; called once for each, before anything is measured."""


def asks_of(
    actions: Mapping[str, Action], members: Sequence[Member]
) -> Mapping[str, Sequence[Ask]]:
    """Return what each member asks for, with the headers of the member, by action."""

    def whole(ask: Ask, member: Member) -> Ask:
        return replace(ask, headers={**member.headers, **ask.headers})

    return {
        name: [whole(action(each), each) for each in members] for name, action in actions.items()
    }


@dataclass(frozen=True, slots=True)
class Site:
    """One of the services, for setting up what a scenario needs there.

    ``send(method, path, headers=..., body=...)`` sends a request that is not measured and returns
    an answer with ``status`` and ``body``; it raises ``ClientError`` for no whole answer.
    """

    name: str
    url: str
    send: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One request to be made: by whom, which, and whether it is recorded.

    ``wait_s`` is how long the user thinks before it, which is no part of its time.
    """

    user: int
    action: str
    session: int = 0
    counted: bool = True
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The source of a block's operations.

    ``amount`` counts sessions or, in a mix, operations. ``rng`` is the same for every variant of
    a turn; ``turn`` counts up over the part.
    """

    users: int
    amount: int
    turn: int
    rng: random.Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The settings that a scenario changes in the service or its data.

    ``env`` are settings of the service. ``empty_share`` of the users have no todos. Without
    ``indexed`` the collection of todos lacks its index, and every find scans it.
    """

    env: tuple[tuple[str, str], ...] = ()
    empty_share: float = 0.0
    indexed: bool = True


USUAL = Setting()


def whole(body: bytes) -> bytes:
    """Compare bodies byte by byte."""
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Operations on one variant at a time, one after the other; every block starts cold.

    ``requests`` is how many of a session are measured, 0 in a mix. ``changes`` names the actions
    that write. With a ``rate`` (per second) they start on a schedule, otherwise as soon as the
    answer before is there. ``comparable`` returns what of a body has to be the same in every
    variant.
    """

    name: str
    purpose: str
    actions: Mapping[str, Action]
    draw: Callable[[Draw], Iterable[Operation]]
    kind: ScenarioKind = "session"
    requests: int = 0
    primed: Primed = "never"
    changes: frozenset[str] = frozenset()
    rate: float | None = None
    setting: Setting = USUAL
    comparable: Callable[[bytes], bytes] = whole

    @property
    def writes_only(self) -> bool:
        """Tell whether every recorded request changes something."""
        return self.kind == "session" and bool(self.changes)


def repeat(
    action: str, *, times: int, primed: Primed = "never"
) -> Callable[[Draw], Iterable[Operation]]:
    """Draw sessions of one user each, who does the same thing so many times.

    Another turn meets the next users. A list fills the cache before and is not recorded.
    """
    steps = []
    for number in range(times):
        if primed == "request" or (primed == "session" and number == 0):
            steps.append(("list", False))
        steps.append((action, True))

    def draw(given: Draw) -> Iterable[Operation]:
        for session in range(given.amount):
            user = (given.turn * given.amount + session) % given.users
            for name, counted in steps:
                yield Operation(user, name, session, counted=counted)

    return draw
