"""Write down what clients, services and servers say in a race, and the operations to check."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter_ns
from typing import Any

from benchmarks.coherence.clients import recorded
from benchmarks.coherence.history import OperationKind, RecordedOperation
from benchmarks.coherence.race.commands import Description
from benchmarks.coherence.race.recording import (
    Delivery,
    Event,
    Participant,
    RaceStep,
    Recording,
    ServerState,
)
from benchmarks.measure.client import Response, slots_of, timings_of

SERVICES = (Participant.A, Participant.B)
"""The service processes, by number."""
_STEPS = tuple(RaceStep)
_OK, _CREATED = 200, 201
_READINGS = 10


Origin = tuple[int, float]
"""One instant of both clocks: in ns of ``perf_counter_ns``, and in seconds since 1970."""


def same_instant() -> Origin:
    """Return the present instant of both clocks.

    The process may lose its processor between two readings, so the closest of several counts.
    """
    readings = []
    for _ in range(_READINGS):
        before_ns, at_s, after_ns = perf_counter_ns(), time.time(), perf_counter_ns()
        readings.append((after_ns - before_ns, (before_ns + after_ns) // 2, at_s))
    _, at_ns, at_s = min(readings)
    return at_ns, at_s


class StepRecorder:
    """The events and operations of one race, from its construction on.

    Instants come from two clocks of one machine, the clients' (``perf_counter_ns``) and Redis's
    own (seconds since 1970); both are brought to milliseconds since the beginning.
    """

    def __init__(self, origin: Origin | None = None) -> None:
        self._origin_ns, self._origin_s = origin or same_instant()
        self._events: list[Event] = []
        self._operations: list[RecordedOperation] = []
        self.states: list[ServerState] = []

    def recording(self, *, variant: str, kind: str) -> Recording:
        """Return everything, in the order of its instants.

        What is still under way when the next step begins belongs to that one.
        """
        events: list[Event] = []
        for event in sorted(self._events, key=lambda event: event.at_ms):
            latest = max([event.step, *(each.step for each in events[-1:])], key=_STEPS.index)
            events.append(replace(event, step=latest))
        return Recording(
            variant=variant,
            kind=kind,
            events=tuple(events),
            states=tuple(self.states),
            operations=tuple(self._operations),
        )

    def now_s(self) -> float:
        """Return the instant in seconds since 1970, of the clock that the events are brought to."""
        return self._origin_s + (perf_counter_ns() - self._origin_ns) / 1e9

    def read(
        self, step: RaceStep, process: int, answer: Response, lookups: Sequence[Description]
    ) -> None:
        """Write down a read of the list; ``lookups`` is what the process asked Redis first."""
        body = json.loads(answer.body) if answer.status == _OK else []
        shown = body[0]["heading"] if body else f"{len(body)} todos"
        service, began_ms = SERVICES[process], self._ms(answer.start_ns)
        slots = slots_of(answer.headers.get("cache-status"))
        self._say(step, began_ms, Participant.READER, service, "GET /todo/")
        self.commands(step, service, lookups)
        took_ms = timings_of(answer.headers.get("server-timing")).get("db", 0.0)
        if took_ms > 0:
            find_ms = max([began_ms, *map(self._ms_of, lookups)])
            self._say(step, find_ms, service, Participant.MONGODB, "find todos")
            self._say(
                step,
                find_ms + took_ms,
                Participant.MONGODB,
                service,
                shown,
                delivery=Delivery.ANSWERED,
            )
        revisions = {todo["id"]: todo["rev"] for todo in body}
        said = f"{answer.status}: {shown}{f' ({slots})' if slots else ''}"
        self._answer(
            step,
            process,
            answer,
            Participant.READER,
            said,
            kind=OperationKind.LIST,
            revisions=revisions,
        )

    def write(
        self,
        step: RaceStep,
        process: int,
        answer: Response,
        descriptions: Sequence[Description],
        *,
        said: str,
        todo: str,
        committed_s: float,
    ) -> None:
        """Write down a write and its commit, which was before its last word to Redis.

        The service's clock gives the instant of the commit in whole milliseconds, so that instant
        is brought between those of what surely came before and after it.
        """
        service, began_ms = SERVICES[process], self._ms(answer.start_ns)
        ended_ms = self._ms(answer.start_ns + answer.duration_ns)
        *earlier, last_ms = (
            [began_ms, *map(self._ms_of, descriptions)] if descriptions else [began_ms, ended_ms]
        )
        committed_ms = min(max((committed_s - self._origin_s) * 1000, earlier[-1]), last_ms)
        self._say(step, began_ms, Participant.WRITER, service, said)
        self.commands(step, service, descriptions[:-1])
        commit = f"commit: {said.partition(': ')[2]}"
        self._say(step, committed_ms, service, Participant.MONGODB, commit)
        self.commands(step, service, descriptions[-1:])
        created = answer.status == _CREATED
        self._answer(
            step,
            process,
            answer,
            Participant.WRITER,
            f"{answer.status}: acknowledged",
            kind=OperationKind.CREATE if created else OperationKind.UPDATE,
            todo=todo,
            number=1 if created else int(answer.headers["etag"].strip('"')),
        )

    def commands(
        self,
        step: RaceStep,
        service: Participant,
        descriptions: Sequence[Description],
        *,
        delivery: Delivery = Delivery.SENT,
    ) -> None:
        """Write down what a process told Redis."""
        for each in descriptions:
            self._say(
                step, self._ms_of(each), service, Participant.REDIS, each.said, delivery=delivery
            )

    def held(
        self, step: RaceStep, service: Participant, at_s: float, description: Description
    ) -> None:
        """Write down what left a process and was kept; what it was is known when it arrives."""
        left = Description(at_s, description.said.partition(":")[0])
        self.commands(step, service, [left], delivery=Delivery.HELD)

    def _answer(
        self,
        step: RaceStep,
        process: int,
        answer: Response,
        client: Participant,
        said: str,
        **about: Any,
    ) -> None:
        operation = recorded(answer, user=0, token=1, worker=process, **about)
        self._operations.append(
            replace(
                operation,
                invoked_ns=operation.invoked_ns - self._origin_ns,
                returned_ns=operation.returned_ns - self._origin_ns,
            )
        )
        self._say(
            step,
            self._ms(answer.start_ns + answer.duration_ns),
            SERVICES[process],
            client,
            said,
            delivery=Delivery.ANSWERED,
            operation=len(self._operations) - 1,
        )

    def _say(
        self,
        step: RaceStep,
        at_ms: float,
        actor: Participant,
        to: Participant,
        said: str,
        **how: Any,
    ) -> None:
        at_ms = round(at_ms, 3)
        self._events.append(Event(step=step, at_ms=at_ms, actor=actor, to=to, said=said, **how))

    def _ms(self, at_ns: int) -> float:
        return (at_ns - self._origin_ns) / 1e6

    def _ms_of(self, description: Description) -> float:
        return (description.at_s - self._origin_s) * 1000
