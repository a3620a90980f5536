"""Keep what became of every request: in the metrics that are shown, and as raw samples on disk."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import gevent

from benchmarks.load.locust.caller import KEY, Call
from benchmarks.load.locust.process import LocustProcess
from benchmarks.load.metrics import FAILED
from benchmarks.load.schedule import UNCOUNTED
from benchmarks.measure.client import outcome_of, slots_of, timings_of
from benchmarks.storage.records import LOAD, Outcome, Sample
from benchmarks.storage.samples import append_samples

_WRITE_EVERY_S = 1.0
_AT_A_TIME = 32
_PAUSE_S = 0.001

_outcome = lru_cache(maxsize=256)(outcome_of)
_slots = lru_cache(maxsize=256)(slots_of)


class Recorder:
    """Listens to the requests of one process; ``folder`` takes the raw samples, if wanted."""

    def __init__(self, process: LocustProcess, folder: Path | None) -> None:
        self._process = process
        self._pending: list[Sample] = []
        self._path = None if folder is None else folder / f"samples-{os.getpid()}.csv.gz"

    def on_request(
        self,
        *,
        response: Any = None,
        context: dict[str, Any] | None = None,
        exception: Exception | None = None,
        **_: object,
    ) -> None:
        """Record one of our requests. ``response`` is None or without headers on an error."""
        call: Call | None = (context or {}).get(KEY)
        if call is None:
            return
        headers = getattr(response, "headers", None) or {}
        status = headers.get("cache-status")
        outcome = "write" if call.action in call.scenario.changes else _outcome(status)
        self._process.metrics.record(
            max(0, int(self._process.clock.since_s(call.ended_s))),
            call.target,
            FAILED if exception else outcome,
            max(0, round(1e6 * call.taken_s)),
        )
        if self._path is not None and call.turn.observation != UNCOUNTED:
            self._pending.append(self._sample(call, response, headers, outcome))

    def write_on(self) -> None:
        """Write what has come about once a second, for ever."""
        while True:
            gevent.sleep(_WRITE_EVERY_S)
            for _ in range(len(self._pending) // _AT_A_TIME + 1):
                # A long batch would hold up answers that are being timed.
                self._write(_AT_A_TIME)
                gevent.sleep(_PAUSE_S)

    def flush(self, **_: object) -> None:
        """Write everything that is left."""
        self._write(len(self._pending))

    def _write(self, most: int) -> None:
        batch, self._pending = self._pending[:most], self._pending[most:]
        if batch and self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            append_samples(self._path, batch)

    def _sample(self, call: Call, response: Any, headers: Any, outcome: Outcome) -> Sample:
        since_s, status = self._process.clock.since_s, headers.get("cache-status")
        timings = timings_of(headers.get("server-timing"))
        body = call.scenario.comparable(getattr(response, "content", None) or b"")
        sent_s = since_s(call.sent_s)
        return Sample(
            scenario=call.scenario.name,
            regime=LOAD,
            restart=0,
            observation=call.turn.observation,
            block=call.turn.block,
            variant=call.turn.variant,
            session=call.session,
            user=call.user,
            index=call.index,
            action=call.action,
            outcome=outcome,
            slots=_slots(status),
            intended_start_s=sent_s if call.intended_s is None else since_s(call.intended_s),
            start_s=sent_s,
            duration_s=call.service_s,
            status=getattr(response, "status_code", 0),
            body_hash=hashlib.blake2b(body, digest_size=8).hexdigest(),
            db_ms=timings.get("db"),
            cache_ms=timings.get("cache"),
            app_ms=timings.get("app"),
        )
