"""The messages between processes: when the run began, and what was recorded in it."""

import logging
import time
from typing import Any

import gevent
from locust import runners
from locust.rpc import Message
from locust.runners import STATE_INIT, STATE_MISSING, MasterRunner, WorkerRunner

from benchmarks.load.locust.process import LocustProcess

READY, START = "fivefold_ready", "fivefold_start"
STOP, STOPPED = "fivefold_stop", "fivefold_stopped"
REPORT = "fivefold"

_REPORT_EVERY_S = 1.0
_LOOK_EVERY_S = 0.05
_LAST_REPORTS_S = 5.0
_logger = logging.getLogger(__name__)


def connect(process: LocustProcess) -> None:
    """Let a process take its part from now on, whatever it is in this run."""
    runner = process.environment.runner
    if isinstance(runner, MasterRunner):
        _Master(process, runner)
    elif isinstance(runner, WorkerRunner):
        _Worker(process, runner)
    else:
        _Alone(process)


class _Alone:
    """Says when the run begins, and ends one that is over when everything has been observed."""

    def __init__(self, process: LocustProcess) -> None:
        self._process = process
        self._waiting: gevent.Greenlet | None = None
        self._run_time_s: float | None = None
        options: Any = process.environment.parsed_options
        if process.is_headless:
            # Locust counts from its own start, but accounts are logged in first.
            self._run_time_s, options.run_time = options.run_time, None
        events: Any = process.environment.events
        events.test_start.add_listener(self._start)
        events.test_stop.add_listener(self._forget)
        events.reset_stats.add_listener(lambda **_: process.metrics.reset())

    def _start(self, **_: object) -> None:
        self._process.reset()
        self._process.sign_in()
        self._begin(time.time())

    def _begin(self, at_s: float) -> None:
        self._process.begin(at_s)
        known = (self._process.schedule.seconds, self._run_time_s)
        ends_s = [end for end in known if end is not None]
        if ends_s:
            _logger.info("The run ends after %g seconds", min(ends_s))
            left_s = max(0.0, min(ends_s) - self._process.clock.elapsed_s())
            self._waiting = gevent.spawn_later(left_s, self._finish)

    def _finish(self) -> None:
        runner = self._process.environment.runner
        self._waiting = None
        if runner is not None:
            (runner.quit if self._process.is_headless else runner.stop)()

    def _forget(self, **_: object) -> None:
        if self._waiting is not None:
            self._waiting.kill(block=False)
            self._waiting = None


class _Master(_Alone):
    """Begins the run once all workers are ready, and merges what they recorded."""

    def __init__(self, process: LocustProcess, runner: MasterRunner) -> None:
        super().__init__(process)
        self._runner = runner
        self._ready: set[str] = set()
        self._stopped: set[str] = set()
        self._began_s: float | None = None
        events: Any = process.environment.events
        events.worker_report.add_listener(self._merge)
        events.test_stopping.add_listener(self._collect)
        runner.register_message(READY, self._worker_is_ready)
        runner.register_message(STOPPED, lambda *, msg, **_: self._stopped.add(msg.node_id))

    def _start(self, **_: object) -> None:
        self._forget()
        self._process.reset()
        self._ready.clear()
        self._began_s = None
        self._waiting = gevent.spawn(self._announce)

    def _announce(self) -> None:
        while not self._present() <= self._ready:
            gevent.sleep(_LOOK_EVERY_S)
        self._began_s = time.time()
        self._runner.send_message(START, {"at": self._began_s})
        self._begin(self._began_s)

    def _present(self) -> set[str]:
        """Return the workers that have not left."""
        clients = self._runner.clients
        return {name for name in clients if clients[name].state != STATE_MISSING}

    def _worker_is_ready(self, *, msg: Message, **_: object) -> None:
        self._ready.add(msg.node_id)
        if self._began_s is not None:
            self._runner.send_message(START, {"at": self._began_s}, msg.node_id)

    def _collect(self, **_: object) -> None:
        """Wait for the last report of every worker, for longer than Locust itself would."""
        self._stopped.clear()
        self._runner.send_message(STOP)
        with gevent.Timeout(_LAST_REPORTS_S, False):  # noqa: FBT003 - it does not raise
            while not self._present() <= self._stopped:
                gevent.sleep(_LOOK_EVERY_S)
        lost = self._ready - self._stopped
        if lost and self._process.options.turns == "blocks":
            # Blocks are compared as made by all users; side by side a load goes on with the rest.
            _logger.error("%d of %d workers ended before the run did", len(lost), len(self._ready))
            self._process.environment.process_exit_code = 1

    def _merge(self, *, data: dict[str, Any], **_: object) -> None:
        report = data.get(REPORT)
        # What is left of the run before does not belong to this one.
        if report and report["at"] == self._began_s:
            self._process.metrics.merge(report["metrics"])


class _Worker:
    """Has users, and reports what they saw."""

    def __init__(self, process: LocustProcess, runner: WorkerRunner) -> None:
        self._process = process
        self._runner = runner
        self._began_s = 0.0
        # The page moves every second, so the reports must.
        runners.WORKER_REPORT_INTERVAL = _REPORT_EVERY_S
        events: Any = process.environment.events
        events.test_start.add_listener(self._start)
        events.report_to_master.add_listener(self._report)
        runner.register_message(START, self._begin)
        # It takes a while, in which other messages come.
        runner.register_message(STOP, self._stop, concurrent=True)
        if runner.worker_state != STATE_INIT:
            # A run is on, and Locust had its start in the moment before it came to this.
            gevent.spawn(self._enter)

    def _start(self, **_: object) -> None:
        self._process.reset()
        # Who waits here hears nothing of the master.
        gevent.spawn(self._enter)

    def _enter(self) -> None:
        self._process.sign_in()
        self._runner.send_message(READY)

    def _stop(self, **_: object) -> None:
        self._runner.stop()
        self._runner._send_stats()  # noqa: SLF001 - as Locust does it itself before it quits
        self._runner.send_message(STOPPED)

    def _begin(self, *, msg: Message, **_: object) -> None:
        if not self._process.started.is_set():
            self._began_s = msg.data["at"]
            self._process.begin(self._began_s)

    def _report(self, *, data: dict[str, Any], **_: object) -> None:
        data[REPORT] = {"at": self._began_s, "metrics": self._process.metrics.drain()}
