"""Which faults strike, in which order, for how long; and how each is done and put right again."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter_ns
from typing import Literal

from benchmarks.coherence.clients import request
from benchmarks.coherence.fleet import Fleet
from benchmarks.coherence.history import NO_ANSWER, FaultRecord
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import Process
from benchmarks.stack.relay import RelayMode

# From the start of a fault to the start of the next. A fault that closes the fence takes the cache
# away for two seconds, and without a cache there is nothing to get wrong: longer after those.
_AFTER_MILD_S = (1.7, 2.1)
_AFTER_HARD_S = (2.8, 3.8)
_OK, _NO_SWITCH = 200, 409
_MAXMEMORY = "64mb"
_DELAY_MS = 5.0
_SWITCH_ON_WITHIN_S = 20.0
_RETRY_S = 0.1
CALM_S = 0.8
"""Seconds without a fault, at least, after a fault was undone."""


class Fault(StrEnum):
    """Every kind of fault, in the words of the report."""

    KILL = "redis killed, back empty"
    ROLLBACK = "redis killed, back from an old dump"
    STOP_SHORT = "redis stopped for 0.1 s"
    STOP = "redis stopped for 1 s"
    STOP_LONG = "redis stopped for 3 s"
    SLOW = "redis 10 ms away"
    FLUSH = "redis flushed"
    EVICT = "redis out of memory"
    PAUSE = "redis pauses its clients"
    DROP_REQUESTS = "requests to redis lost"
    DROP_REPLIES = "replies of redis lost"
    HOLD = "requests to redis delivered late"
    RESET = "connections to redis reset"
    REFUSE = "connections to redis refused"
    WORKER_STOP = "service process stopped for 1.5 s"
    WORKER_KILL = "service process killed, started again"
    FLAG = "cache switched off and on"


@dataclass(frozen=True, slots=True)
class _Kind:
    holds_s: tuple[float, float]
    aim: Literal["redis", "path", "worker"] = "redis"
    mild: bool = False
    mode: RelayMode = RelayMode.NORMAL
    """The mode of a path to Redis."""
    loses_marks: bool = False


KINDS: dict[Fault, _Kind] = {
    Fault.KILL: _Kind((0.1, 0.8)),
    Fault.ROLLBACK: _Kind((0.4, 1.0)),
    Fault.STOP_SHORT: _Kind((0.1, 0.1), mild=True),
    Fault.STOP: _Kind((1.0, 1.0)),
    Fault.STOP_LONG: _Kind((3.0, 3.0)),
    Fault.SLOW: _Kind((0.3, 1.5), "path", mild=True, mode=RelayMode.DELAY),
    Fault.FLUSH: _Kind((0.0, 0.0), mild=True, loses_marks=True),
    Fault.EVICT: _Kind((0.3, 0.8), mild=True, loses_marks=True),
    Fault.PAUSE: _Kind((0.2, 1.5)),
    Fault.DROP_REQUESTS: _Kind((0.2, 1.0), "path", mode=RelayMode.DROP_REQUESTS),
    Fault.DROP_REPLIES: _Kind((0.2, 1.0), "path", mode=RelayMode.DROP_REPLIES),
    Fault.HOLD: _Kind((0.2, 1.5), "path", mode=RelayMode.HOLD),
    Fault.RESET: _Kind((0.0, 0.5), "path", mild=True, mode=RelayMode.RESET),
    Fault.REFUSE: _Kind((0.2, 1.0), "path", mode=RelayMode.REFUSE),
    Fault.WORKER_STOP: _Kind((1.5, 1.5), "worker", mild=True),
    Fault.WORKER_KILL: _Kind((0.0, 0.3), "worker", mild=True),
    Fault.FLAG: _Kind((0.2, 0.8), mild=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A fault to come.

    ``worker`` is whom it strikes: a service process, the path of one to Redis, or ``None`` for
    Redis itself or every path to it. ``every_s`` is how long after its start the next may begin.
    """

    fault: Fault
    hold_s: float
    every_s: float
    worker: int | None


def plan(*, seed: int, workers: int) -> Iterator[Planned]:
    """Yield faults without end: each of them once in random order, then again in another order."""
    rng = random.Random(f"nemesis {seed}")  # noqa: S311 - a plan, no secret
    deck = list(Fault)
    while True:
        rng.shuffle(deck)
        for fault in deck:
            kind = KINDS[fault]
            hold_s = rng.uniform(*kind.holds_s)
            one = rng.randrange(workers)
            # Half the time all paths to Redis break, half the time one process is cut off.
            struck = kind.aim == "worker" or (kind.aim == "path" and rng.random() < 0.5)  # noqa: PLR2004
            yield Planned(
                fault=fault,
                hold_s=hold_s,
                every_s=rng.uniform(*(_AFTER_MILD_S if kind.mild else _AFTER_HARD_S)),
                worker=one if struck else None,
            )


class Nemesis:
    """Strike a fleet with planned faults; ``sleep`` waits for seconds."""

    def __init__(self, fleet: Fleet, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._fleet = fleet
        self._sleep = sleep

    def strike(self, planned: Planned) -> FaultRecord | None:
        """Do it, hold it, undo it; ``None`` when the variant has nothing that could be struck.

        Raises ``StackError`` when something does not come back.
        """
        started_ns, kind = perf_counter_ns(), KINDS[planned.fault]
        if kind.aim == "path":
            self._path(planned, kind.mode)
        elif not self._do(planned):
            return None
        return FaultRecord(
            kind=planned.fault,
            started_ns=started_ns,
            ended_ns=perf_counter_ns(),
            worker=planned.worker,
            loses_marks=kind.loses_marks,
            stops_worker=kind.aim == "worker",
        )

    def _do(self, planned: Planned) -> bool:
        match planned.fault:
            case Fault.KILL | Fault.ROLLBACK:
                self._kill(planned)
            case Fault.STOP_SHORT | Fault.STOP | Fault.STOP_LONG:
                self._pause(self._fleet.redis.process, planned.hold_s)
            case Fault.FLUSH | Fault.EVICT | Fault.PAUSE:
                self._command(planned)
            case Fault.WORKER_STOP:
                self._pause(self._fleet.process(planned.worker or 0), planned.hold_s)
            case Fault.WORKER_KILL:
                self._fleet.process(planned.worker or 0).kill()
                self._sleep(planned.hold_s)
                self._fleet.restart(planned.worker or 0)
            case Fault.FLAG:
                return self._flag(planned)
        return True

    def _kill(self, planned: Planned) -> None:
        redis, rollback = self._fleet.redis, planned.fault is Fault.ROLLBACK
        if rollback:
            with redis.client() as client:
                client.save()
            # What is written from now on is lost, what is deleted comes back.
            self._sleep(planned.hold_s)
        redis.process.kill()
        if not rollback:
            self._sleep(planned.hold_s)
        redis.restart(dump=rollback)

    def _pause(self, process: Process, hold_s: float) -> None:
        process.pause()
        try:
            self._sleep(hold_s)
        finally:
            process.resume()

    def _command(self, planned: Planned) -> None:
        with self._fleet.redis.client() as client:
            if planned.fault is Fault.FLUSH:
                client.flushall()
            elif planned.fault is Fault.PAUSE:
                client.client_pause(round(planned.hold_s * 1000))
                self._sleep(planned.hold_s)
            else:
                client.config_set("maxmemory", "1")
                self._sleep(planned.hold_s)
                client.config_set("maxmemory", _MAXMEMORY)

    def _path(self, planned: Planned, mode: RelayMode) -> None:
        proxies = self._fleet.proxies
        struck = proxies if planned.worker is None else [proxies[planned.worker]]
        for proxy in struck:
            proxy.switch(mode, delay_ms=_DELAY_MS)
        self._sleep(planned.hold_s)
        for proxy in struck:
            proxy.switch(RelayMode.NORMAL)

    def _flag(self, planned: Planned) -> bool:
        """Switch off and on; ``False`` for a variant that has no switch."""
        if self._switch(on=False) != _OK:
            return False
        self._sleep(planned.hold_s)
        deadline = time.monotonic() + _SWITCH_ON_WITHIN_S
        while (status := self._switch(on=True)) != _OK:
            if status == _NO_SWITCH:
                return False
            if time.monotonic() > deadline:
                raise StackError("the service does not turn its cache on again; see its logs")
            self._sleep(_RETRY_S)
        return True

    def _switch(self, *, on: bool) -> int:
        """Return the status of the answer, 0 if there was none."""
        sent = request("PUT", "/admin/cache", token=self._fleet.admin_token, body={"enabled": on})
        with suppress(ClientError), Connection(self._fleet.urls[0]) as connection:
            return connection.send(sent).status
        return NO_ANSWER
