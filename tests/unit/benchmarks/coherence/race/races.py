"""Races written by hand: short ones, with what decides."""

from collections.abc import Iterator

from benchmarks.coherence.history import RecordedOperation
from benchmarks.coherence.race.recording import (
    Delivery,
    Event,
    Participant,
    Race,
    RaceStep,
    Recording,
    ServerState,
)
from tests.unit.benchmarks.coherence.histories import TODO, created, listed, updated
from tests.unit.benchmarks.simulate import ENVIRONMENT

_ENDS_MS = dict(zip(RaceStep, (19, 49, 69, 89, 99), strict=True))
_ANSWERS: dict[float, int] = {60: 1, 80: 2, 95: 3, 99: 4}
"""Which operation ended when."""
_KINDS = {"cached": "ours", "uncached": "reference"}


def recording(variant: str = "naive", *, revision: int = 1) -> Recording:
    """Return a race in which both later reads are answered with this revision of the todo."""
    stale = revision == 1
    shown = "before" if stale else "after"
    return Recording(
        variant=variant,
        kind=_KINDS.get(variant, "rival"),
        events=tuple(_events(shown)),
        states=tuple(_states(shown)),
        operations=_operations(revision),
    )


def race(*recordings: Recording) -> Race:
    """Return these recordings with the environment that a report names."""
    return Race(environment=ENVIRONMENT, recordings=recordings or (recording(),))


def _operations(revision: int) -> tuple[RecordedOperation, ...]:
    return (
        created((0, 10)),
        updated((50, 60), 2),
        # The reader whose value is held: its read began before the write.
        listed((20, 80), {TODO: 1}),
        listed((90, 95), {TODO: revision}),
        listed((96, 99), {TODO: revision}),
    )


def _events(shown: str) -> Iterator[Event]:
    def say(
        at_ms: float,
        actor: Participant,
        to: Participant,
        said: str,
        delivery: Delivery = Delivery.SENT,
    ) -> Event:
        step = next(step for step, ends_ms in _ENDS_MS.items() if at_ms <= ends_ms)
        answered = _ANSWERS.get(at_ms)
        delivery = delivery if answered is None else Delivery.ANSWERED
        return Event(
            step=step,
            at_ms=at_ms,
            actor=actor,
            to=to,
            said=said,
            delivery=delivery,
            operation=answered,
        )

    a, b = Participant.A, Participant.B
    reader, writer = Participant.READER, Participant.WRITER
    mongo, redis = Participant.MONGODB, Participant.REDIS
    yield say(0, writer, b, "POST: heading = before")
    yield say(20, reader, a, "GET /todo/")
    yield say(21, a, redis, "MGET user, todos")
    yield say(22, a, mongo, "find todos")
    yield say(40, mongo, a, "before", Delivery.ANSWERED)
    yield say(45, a, redis, "SET todos = before", Delivery.HELD)
    yield say(50, writer, b, "PUT: heading = after")
    yield say(52, b, redis, "MGET user")
    yield say(55, b, mongo, "commit: heading = after")
    yield say(58, b, redis, "DEL todos")
    yield say(60, b, writer, "200: acknowledged")
    yield say(70, a, redis, "SET todos = before", Delivery.ARRIVED)
    yield say(80, a, reader, "200: before (todos=miss user=hit)")
    yield say(90, reader, a, "GET /todo/")
    yield say(95, a, reader, f"200: {shown} (todos=hit)")
    yield say(99, b, reader, f"200: {shown} (todos=hit)")


def _states(shown: str) -> list[ServerState]:
    held = {"user": "the account", "todos": shown}
    return [
        ServerState(step=RaceStep.PREPARE, redis={}, mongodb="before"),
        ServerState(step=RaceStep.READ, redis={"todos": "a fill token"}, mongodb="before"),
        ServerState(step=RaceStep.WRITE, redis={"writers": "a writer's mark"}, mongodb="after"),
        ServerState(step=RaceStep.DELIVER, redis=held, mongodb="after", expires_s=297.4),
        ServerState(step=RaceStep.READ_AGAIN, redis=held, mongodb="after", expires_s=297.4),
    ]
