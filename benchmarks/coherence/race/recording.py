"""The record of a race: each message with its sender, receiver and time, and what servers held.

A recording is data alone. Everything that is said of it (the verdict, the figure, the tables) is
computed from it, so that a stored one says the same as the one that was just made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from benchmarks.analysis.header import RunEnvironment
from benchmarks.coherence.history import OperationKind, Outcome, RecordedOperation
from benchmarks.storage.plain import DataUnreadable, from_plain, to_plain

SCHEMA = 2
_RENAMED = {"way": "delivery", "looks": "states"}
"""Names of the first schema, which is read too, and what they are now."""
BEFORE, AFTER = "before", "after"
"""The heading of the todo: as it was created, and as the write leaves it."""
PROCESSES = ("A", "B")
"""The names of the service processes, by their number in a history."""


class RecordingUnreadable(Exception):
    """A file is no recording of this schema; the message says what is wrong."""


class Participant(StrEnum):
    """The participants, in their order in a figure."""

    READER = "reader"
    A = "process A"
    MONGODB = "MongoDB"
    REDIS = "Redis"
    B = "process B"
    WRITER = "writer"


class RaceStep(StrEnum):
    """The steps of the race, in their order."""

    PREPARE = "prepare"
    READ = "read"
    WRITE = "write"
    DELIVER = "deliver"
    READ_AGAIN = "read-again"


class Delivery(StrEnum):
    """The delivery of a message."""

    SENT = "sent"
    ANSWERED = "answered"
    HELD = "held"
    """It left its sender and is kept on its way."""
    ARRIVED = "arrived"
    """It was held before, and is there now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message. ``at_ms`` counts from the beginning of the race."""

    step: RaceStep
    at_ms: float
    actor: Participant
    to: Participant
    said: str
    delivery: Delivery = Delivery.SENT
    operation: int | None = None
    """Of an answer to a client: which operation of the recording it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The contents of the servers when a step was over."""

    step: RaceStep
    redis: Mapping[str, str]
    """The content of each key of the user, by the name of its slot."""
    mongodb: str
    """The heading of the todo."""
    expires_s: float | None = None
    """For how long Redis would keep the list it holds, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One race of one variant."""

    variant: str
    kind: str
    """The purpose of the variant, as in ``benchmarks.variants.registry``."""
    events: Sequence[Event]
    states: Sequence[ServerState]
    operations: Sequence[RecordedOperation]
    """The requests and answers of the clients: the verdict looks at nothing else."""

    def state_after(self, step: RaceStep) -> ServerState:
        """Return what the servers held after a step; raises ``KeyError`` without such a step."""
        return {state.step: state for state in self.states}[step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """The same race, run by each of some variants, and on which servers."""

    environment: RunEnvironment
    recordings: Sequence[Recording]

    def of(self, variant: str) -> Recording:
        """Return the recording of a variant; raises ``KeyError`` if it did not take part."""
        return {recording.variant: recording for recording in self.recordings}[variant]


def to_json(race: Race) -> str:
    """Return a race as JSON; equal ones give equal bytes."""
    document = {
        "schema": SCHEMA,
        "environment": to_plain(race.environment),
        "recordings": to_plain(race.recordings),
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def from_json(text: str) -> Race:
    """Return the race that was written; raises ``RecordingUnreadable``."""
    try:
        document = json.loads(text)
        if document["schema"] == 1:
            document = json.loads(text, object_pairs_hook=_renamed)
        if document["schema"] not in (1, SCHEMA):
            raise RecordingUnreadable(
                f"it is of schema {document['schema']}, and this version reads {SCHEMA}"
            )
        return Race(
            environment=from_plain(RunEnvironment, document["environment"], "environment"),
            recordings=tuple(_recording(each) for each in document["recordings"]),
        )
    except (DataUnreadable, ValueError, KeyError, TypeError) as error:
        raise RecordingUnreadable(f"it is no race: {error!r}") from error


def _renamed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in pairs}


def _recording(document: Mapping[str, Any]) -> Recording:
    def typed(name: str, **types: type[StrEnum]) -> list[dict[str, Any]]:
        return [
            {**each, **{key: kind(each[key]) for key, kind in types.items()}}
            for each in document[name]
        ]

    events = typed("events", step=RaceStep, actor=Participant, to=Participant, delivery=Delivery)
    operations = typed("operations", kind=OperationKind, outcome=Outcome)
    return Recording(
        variant=document["variant"],
        kind=document["kind"],
        events=tuple(Event(**each) for each in events),
        states=tuple(ServerState(**each) for each in typed("states", step=RaceStep)),
        operations=tuple(RecordedOperation(**each) for each in operations),
    )
