"""The messages between processes: the begin of the run, the records, a reset."""

import logging
import time
from typing import Any

import gevent
from locust import runners
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_INIT, STATE_MISSING, MasterRunner, WorkerRunner

from benchmarks.load.account_pool import SetUpFailed
from benchmarks.load.locust.process import LocustProcess

READY, START, RESET = "fivefold_ready", "fivefold_start", "fivefold_reset"
STOP, STOPPED = "fivefold_stop", "fivefold_stopped"
REPORT = "fivefold"

_REPORT_EVERY_S = 1.0
_LOOK_EVERY_S = 0.05
_LAST_REPORTS_S = 5.0
_logger = logging.getLogger(__name__)


def connect(process: LocustProcess) -> "_Part":
    """Let a process take its part, whatever it is in this run; returns that part."""
    runner = process.environment.runner
    part: _Part
    if isinstance(runner, MasterRunner):
        part = _Master(process, runner)
    elif isinstance(runner, WorkerRunner):
        part = _Worker(process, runner)
    else:
        part = _Alone(process)
    part.listen()
    return part


def sign_in(process: LocustProcess) -> None:
    """Log the accounts in that users may need; what fails is said, and tried again by users."""
    try:
        process.sign_in()
    except SetUpFailed as error:
        _logger.error("The accounts cannot be logged in: %s", error)  # noqa: TRY400 - no trace


class _Part:
    """The fields of every part."""

    def __init__(self, process: LocustProcess) -> None:
        self._process = process
        self._run_time_s: float | None = None
        self._end: gevent.Greenlet | None = None

    def listen(self) -> None:
        """Take part from now on."""

    def meet(self) -> None:
        """Wait until every process can send: only then does --run-time count."""

    def _end_in_time(self) -> None:
        """End the run when everything has been observed, or its --run-time is over."""
        ends = {
            "Every variant has been observed as often as was asked for": (
                self._process.schedule.seconds
            ),
            "--run-time is over": self._run_time_s,
        }
        known = [(seconds, said) for said, seconds in ends.items() if seconds is not None]
        if known:
            seconds, said = min(known)
            left_s = max(0.0, seconds - self._process.clock.elapsed_s())
            self._end = gevent.spawn_later(left_s, self._finish, said)

    def _finish(self, said: str) -> None:
        runner = self._process.environment.runner
        if runner is None:
            return
        self._end = None
        _logger.info(said)
        if self._process.is_headless:
            runner.quit()
        else:
            runner.stop()

    def _forget(self, **_: object) -> None:
        if self._end is not None:
            self._end.kill(block=False)
            self._end = None


class _Alone(_Part):
    """One process does everything."""

    def listen(self) -> None:
        events: Any = self._process.environment.events
        events.test_start.add_listener(self._start)
        events.test_stop.add_listener(self._forget)
        events.reset_stats.add_listener(lambda **_: self._process.metrics.reset())

    def _start(self, **_: object) -> None:
        self._process.reset()
        sign_in(self._process)
        self._process.begin(time.time(), self._process.plan())
        self._end_in_time()


class _Master(_Part):
    """Says when the run begins, once all workers are ready, and merges what they recorded."""

    def __init__(self, process: LocustProcess, runner: MasterRunner) -> None:
        super().__init__(process)
        self._runner = runner
        self._expected: set[str] = set()
        self._ready: set[str] = set()
        self._stopped: set[str] = set()
        self._announcement: dict[str, Any] | None = None
        self._waiting: gevent.Greenlet | None = None

    def listen(self) -> None:
        events: Any = self._process.environment.events
        events.test_start.add_listener(self._start)
        events.test_stopping.add_listener(self._collect)
        events.test_stop.add_listener(self._forget)
        events.worker_report.add_listener(self._merge)
        events.reset_stats.add_listener(self._reset)
        self._runner.register_message(READY, self._worker_is_ready)
        self._runner.register_message(STOPPED, self._worker_has_stopped)

    def meet(self) -> None:
        options = self._process.environment.parsed_options
        if options is None or not self._process.is_headless:
            return
        # Locust counts from its word to the workers, which begin later where they wait for a CPU.
        self._run_time_s, options.run_time = options.run_time, None
        longest_s, began_s = options.expect_workers_max_wait, time.monotonic()
        _logger.info("Waiting for the workers to log their accounts in")
        while len(self._ready) < options.expect_workers:
            if longest_s and time.monotonic() - began_s > longest_s:
                # Locust says so itself, and ends.
                return
            gevent.sleep(_LOOK_EVERY_S)

    def _start(self, **_: object) -> None:
        self._forget()
        self._process.reset()
        self._ready.clear()
        self._announcement = None
        self._expected = set(self._runner.clients)
        self._waiting = gevent.spawn(self._announce)

    def _announce(self) -> None:
        while not self._present() <= self._ready:
            gevent.sleep(_LOOK_EVERY_S)
        announcement: dict[str, Any] = {"at": time.time(), "plan": self._process.plan()}
        self._process.begin(announcement["at"], announcement["plan"])
        self._announcement = announcement
        self._runner.send_message(START, announcement)
        if self._run_time_s is not None:
            _logger.info("Measuring for %g seconds from now on", self._run_time_s)
        self._end_in_time()

    def _present(self) -> set[str]:
        """Return the workers of the run that have not left."""
        clients = self._runner.clients
        return {
            one for one in self._expected if one in clients and clients[one].state != STATE_MISSING
        }

    def _worker_is_ready(self, *, msg: Message, **_: object) -> None:
        self._ready.add(msg.node_id)
        if self._announcement is not None:
            self._runner.send_message(START, self._announcement, msg.node_id)

    def _collect(self, **_: object) -> None:
        """Wait for the last report of every worker, for longer than Locust itself would."""
        self._stopped.clear()
        self._runner.send_message(STOP)
        with gevent.Timeout(_LAST_REPORTS_S, False):  # noqa: FBT003 - it does not raise
            while not self._present() <= self._stopped:
                gevent.sleep(_LOOK_EVERY_S)

    def _worker_has_stopped(self, *, msg: Message, **_: object) -> None:
        self._stopped.add(msg.node_id)

    def _merge(self, *, data: dict[str, Any], **_: object) -> None:
        report, announcement = data.get(REPORT), self._announcement
        # What is left of the run before does not belong to this one.
        if report and announcement and report["at"] == announcement["at"]:
            self._process.metrics.merge(report["metrics"])

    def _reset(self, **_: object) -> None:
        self._process.metrics.reset()
        self._runner.send_message(RESET)

    def _forget(self, **_: object) -> None:
        super()._forget()
        if self._waiting is not None:
            self._waiting.kill(block=False)
            self._waiting = None


class _Worker(_Part):
    """Has users, and reports what they saw."""

    def __init__(self, process: LocustProcess, runner: WorkerRunner) -> None:
        super().__init__(process)
        self._runner = runner
        self._at_s = 0.0
        # The page moves every second, so the reports must.
        runners.WORKER_REPORT_INTERVAL = _REPORT_EVERY_S

    def listen(self) -> None:
        events: Any = self._process.environment.events
        events.test_start.add_listener(self._start)
        events.report_to_master.add_listener(self._report)
        self._runner.register_message(START, self._begin)
        self._runner.register_message(RESET, self._reset)
        # It takes a while, in which other messages come.
        self._runner.register_message(STOP, self._stop, concurrent=True)
        if self._runner.worker_state != STATE_INIT:
            # A run is on, and Locust had its start in the moment before it came to this.
            gevent.spawn(self._enter)

    def meet(self) -> None:
        gevent.spawn(self._say_ready)

    def _say_ready(self) -> None:
        # A master that is itself being set up does not hear what is said only once.
        while not self._process.started.is_set():
            self._runner.send_message(READY)
            gevent.sleep(_REPORT_EVERY_S)

    def _start(self, **_: object) -> None:
        self._process.reset()
        self._enter()

    def _enter(self) -> None:
        sign_in(self._process)
        self._runner.send_message(READY)

    def _stop(self, **_: object) -> None:
        self._runner.stop()
        self._runner._send_stats()  # noqa: SLF001 - as Locust does it itself before it quits
        self._runner.send_message(STOPPED)

    def _begin(self, *, environment: Environment, msg: Message) -> None:
        del environment
        if not self._process.started.is_set():
            self._at_s = msg.data["at"]
            self._process.begin(self._at_s, msg.data["plan"])

    def _report(self, *, data: dict[str, Any], **_: object) -> None:
        data[REPORT] = {"at": self._at_s, "metrics": self._process.metrics.drain()}

    def _reset(self, **_: object) -> None:
        self._process.metrics.reset()
        self._runner.stats.clear_all()
