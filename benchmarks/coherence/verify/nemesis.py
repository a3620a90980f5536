"""Break things, one at a time, and put each right again before the next."""

import time
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter_ns

from benchmarks.coherence.verify.fleet import Fleet
from benchmarks.coherence.verify.history import NO_ANSWER, FaultRecord
from benchmarks.coherence.verify.schedule import Fault, Planned
from benchmarks.coherence.verify.users import request
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.errors import StackError
from benchmarks.stack.relay import RelayMode

_OK, _NO_SWITCH = 200, 409
_MAXMEMORY = "64mb"
_DELAY_MS = 5.0
_SWITCH_ON_WITHIN_S = 20.0
_RETRY_S = 0.1
_MODES = {
    Fault.SLOW: RelayMode.DELAY,
    Fault.DROP_REQUESTS: RelayMode.DROP_REQUESTS,
    Fault.DROP_REPLIES: RelayMode.DROP_REPLIES,
    Fault.HOLD: RelayMode.HOLD,
    Fault.RESET: RelayMode.RESET,
    Fault.REFUSE: RelayMode.REFUSE,
}
_LOSE_MARKS = {Fault.FLUSH, Fault.EVICT}
_STOP_WORKER = {Fault.WORKER_STOP, Fault.WORKER_KILL}


class Nemesis:
    """Strike a fleet with planned faults; ``sleep`` waits for seconds."""

    def __init__(self, fleet: Fleet, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._fleet = fleet
        self._sleep = sleep

    def strike(self, planned: Planned) -> FaultRecord | None:
        """Do it, hold it, undo it; ``None`` when the variant has nothing that could be struck.

        Raises ``StackError`` when something does not come back.
        """
        started_ns = perf_counter_ns()
        if not self._do(planned):
            return None
        return FaultRecord(
            kind=planned.fault,
            started_ns=started_ns,
            ended_ns=perf_counter_ns(),
            worker=planned.worker,
            loses_marks=planned.fault in _LOSE_MARKS,
            stops_worker=planned.fault in _STOP_WORKER,
        )

    def _do(self, planned: Planned) -> bool:
        match planned.fault:
            case Fault.KILL | Fault.ROLLBACK:
                self._kill(planned)
            case Fault.STOP_SHORT | Fault.STOP | Fault.STOP_LONG:
                self._stop(planned)
            case Fault.FLUSH | Fault.EVICT | Fault.PAUSE:
                self._command(planned)
            case Fault.WORKER_STOP | Fault.WORKER_KILL:
                self._worker(planned)
            case Fault.FLAG:
                return self._flag(planned)
            case _:
                self._path(planned)
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

    def _stop(self, planned: Planned) -> None:
        process = self._fleet.redis.process
        process.pause()
        try:
            self._sleep(planned.hold_s)
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

    def _path(self, planned: Planned) -> None:
        proxies = self._fleet.proxies
        struck = proxies if planned.worker is None else [proxies[planned.worker]]
        for proxy in struck:
            proxy.switch(_MODES[planned.fault], delay_ms=_DELAY_MS)
        self._sleep(planned.hold_s)
        for proxy in struck:
            proxy.switch(RelayMode.NORMAL)

    def _worker(self, planned: Planned) -> None:
        worker = planned.worker or 0
        process = self._fleet.process(worker)
        if planned.fault is Fault.WORKER_KILL:
            process.kill()
            self._sleep(planned.hold_s)
            self._fleet.restart(worker)
            return
        process.pause()
        try:
            self._sleep(planned.hold_s)
        finally:
            process.resume()

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
