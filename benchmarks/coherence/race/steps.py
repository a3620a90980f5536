"""Write down, while a race is played, what everybody says: events in time, operations to check."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter_ns

from benchmarks.coherence.race.description import Description
from benchmarks.coherence.race.recording import (
    Delivery,
    Event,
    Participant,
    RaceStep,
    Recording,
    ServerState,
)
from benchmarks.coherence.verify.history import (
    FIRST_SERVER_ERROR,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.measure.client import Response
from benchmarks.measure.headers import outcome_of, slots_of, timings_of

PROCESSES = (Participant.A, Participant.B)
"""The lanes of the service processes, by number."""
_STEPS = tuple(RaceStep)
_OK, _CREATED = 200, 201


class StepRecorder:
    """The events and operations of one play, from its construction on.

    Instants come from two clocks of one machine, the clients' (``perf_counter_ns``) and Redis's
    own (seconds since 1970); both are brought to milliseconds since the beginning.
    """

    def __init__(self) -> None:
        self._origin_ns, self._origin_s = perf_counter_ns(), time.time()
        self._events: list[Event] = []
        self._looks: list[ServerState] = []
        self._operations: list[RecordedOperation] = []

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
            looks=tuple(self._looks),
            operations=tuple(self._operations),
        )

    def looked(self, look: ServerState) -> None:
        """Keep what lay in the servers."""
        self._looks.append(look)

    def now_s(self) -> float:
        """Return the instant in seconds since 1970, of the clock that the events are brought to."""
        return self._origin_s + (perf_counter_ns() - self._origin_ns) / 1e9

    def read(
        self, step: RaceStep, process: int, answer: Response, lookups: Sequence[Description]
    ) -> None:
        """Write down a read of the list; ``lookups`` is what the process asked Redis first."""
        body = json.loads(answer.body) if answer.status == _OK else []
        shown = body[0]["heading"] if body else f"{len(body)} todos"
        lane, began_ms = PROCESSES[process], self._ms(answer.start_ns)
        ended_ms = self._ms(answer.start_ns + answer.duration_ns)
        slots = slots_of(answer.headers.get("cache-status"))
        self._say(step, began_ms, Participant.READER, lane, "GET /todo/")
        self.commands(step, lane, lookups)
        self._find(step, lane, answer, shown, max([began_ms, *map(self._ms_of, lookups)]))
        number = self._operation(
            OperationKind.LIST,
            process,
            answer,
            revisions={todo["id"]: todo["rev"] for todo in body},
        )
        said = f"{answer.status}: {shown}{f' ({slots})' if slots else ''}"
        self._say(
            step, ended_ms, lane, Participant.READER, said, way=Delivery.ANSWERED, operation=number
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
        lane, began_ms = PROCESSES[process], self._ms(answer.start_ns)
        ended_ms = self._ms(answer.start_ns + answer.duration_ns)
        *earlier, last_ms = (
            [began_ms, *map(self._ms_of, descriptions)] if descriptions else [began_ms, ended_ms]
        )
        committed_ms = min(max((committed_s - self._origin_s) * 1000, earlier[-1]), last_ms)
        self._say(step, began_ms, Participant.WRITER, lane, said)
        self.commands(step, lane, descriptions[:-1])
        commit = f"commit: {said.partition(': ')[2]}"
        self._say(step, committed_ms, lane, Participant.MONGODB, commit)
        self.commands(step, lane, descriptions[-1:])
        created = answer.status == _CREATED
        number = self._operation(
            OperationKind.CREATE if created else OperationKind.UPDATE,
            process,
            answer,
            todo=todo,
            number=1 if created else int(answer.headers["etag"].strip('"')),
        )
        said = f"{answer.status}: acknowledged"
        self._say(
            step, ended_ms, lane, Participant.WRITER, said, way=Delivery.ANSWERED, operation=number
        )

    def commands(
        self,
        step: RaceStep,
        lane: Participant,
        descriptions: Sequence[Description],
        *,
        way: Delivery = Delivery.SENT,
    ) -> None:
        """Write down what a process told Redis."""
        for each in descriptions:
            self._say(step, self._ms_of(each), lane, Participant.REDIS, each.said, way=way)

    def held(
        self, step: RaceStep, lane: Participant, at_s: float, description: Description
    ) -> None:
        """Write down what left a process and was kept; what it was is known when it arrives."""
        said = description.said.partition(":")[0]
        self._say(
            step, (at_s - self._origin_s) * 1000, lane, Participant.REDIS, said, way=Delivery.HELD
        )

    def _find(
        self, step: RaceStep, lane: Participant, answer: Response, shown: str, at_ms: float
    ) -> None:
        took_ms = timings_of(answer.headers.get("server-timing")).get("db", 0.0)
        if took_ms > 0:
            self._say(step, at_ms, lane, Participant.MONGODB, "find todos")
            self._say(
                step, at_ms + took_ms, Participant.MONGODB, lane, shown, way=Delivery.ANSWERED
            )

    def _say(
        self,
        step: RaceStep,
        at_ms: float,
        actor: Participant,
        to: Participant,
        said: str,
        *,
        way: Delivery = Delivery.SENT,
        operation: int | None = None,
    ) -> None:
        self._events.append(
            Event(
                step=step,
                at_ms=round(at_ms, 3),
                actor=actor,
                to=to,
                said=said,
                way=way,
                operation=operation,
            )
        )

    def _operation(
        self,
        kind: OperationKind,
        process: int,
        answer: Response,
        *,
        todo: str = "",
        number: int | None = None,
        revisions: dict[str, int] | None = None,
    ) -> int:
        done = answer.status in {_OK, _CREATED}
        refused = answer.status < FIRST_SERVER_ERROR
        self._operations.append(
            RecordedOperation(
                kind=kind,
                user=0,
                token=1,
                invoked_ns=answer.start_ns - self._origin_ns,
                returned_ns=answer.start_ns + answer.duration_ns - self._origin_ns,
                outcome=Outcome.OK if done else Outcome.FAILED if refused else Outcome.UNKNOWN,
                status=answer.status,
                todo=todo,
                number=number,
                revisions=revisions or {},
                worker=process,
                hit=outcome_of(answer.headers.get("cache-status")) == "hit",
            )
        )
        return len(self._operations) - 1

    def _ms(self, at_ns: int) -> float:
        return (at_ns - self._origin_ns) / 1e6

    def _ms_of(self, description: Description) -> float:
        return (description.at_s - self._origin_s) * 1000
