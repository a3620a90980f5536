"""Arrivals on an absolute schedule, whatever became of the earlier ones."""

import logging
from collections.abc import Iterator
from itertools import count

import gevent
from gevent.pool import Pool
from locust.env import Environment

from benchmarks.load.histogram import Histogram
from benchmarks.load.locust.call import Call
from benchmarks.load.locust.users import ScenarioUser, acting
from benchmarks.measure.client import NS_PER_S
from benchmarks.measure.open_loop import poisson
from benchmarks.scenarios import LOAD_SCENARIOS, Scenario

MOST_IN_FLIGHT = 1000
"""Arrivals beyond are failures: more can only say that the service does not keep up."""
DEFAULT_SCENARIO = "mostly-reads"

_STRETCH_S = 10.0
_WATCHED_S = 0.002
"""How long before an arrival the clock is watched: gevent's timers are late by about a millisecond,
since epoll counts whole ones."""
_LAST_ANSWERS_S = 0.25
_logger = logging.getLogger(__name__)


class Backlog(Exception):
    """Too many arrivals have no answer, so another one was not sent."""


class OpenLoop(ScenarioUser):
    """Arrivals at a rate that does not care for answers; times count from when each was due."""

    concurrency = MOST_IN_FLIGHT
    scenario = LOAD_SCENARIOS[DEFAULT_SCENARIO]
    tasks = acting("open")

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._arrived = Pool(MOST_IN_FLIGHT)
        self._lags_us = Histogram()
        self._refused = 0

    def loaded(self) -> Scenario:
        """Return the scenario that was asked for."""
        return LOAD_SCENARIOS[self.process.options.scenario or DEFAULT_SCENARIO]

    def on_stop(self) -> None:
        """Wait a moment for the last answers and say how late the generator was."""
        # A master waits half a second for the last report of its workers.
        self._arrived.join(timeout=_LAST_ANSWERS_S)
        self._arrived.kill()
        if self._lags_us.count:
            p50_us, p99_us = self._lags_us.percentiles(50, 99)
            _logger.info(
                "Open loop: %d arrivals, sent p50 %.2f ms and p99 %.2f ms after they were due, "
                "%d refused as backlog",
                self._lags_us.count + self._refused,
                p50_us / 1000,
                p99_us / 1000,
                self._refused,
            )
        super().on_stop()

    def act(self) -> None:
        """Start arrivals when they are due, without end."""
        clock = self.process.clock
        for due_s in self._schedule(clock.now_s()):
            early_s = due_s - clock.now_s()
            # Also without a pause others get their turn: answers are taken by greenlets.
            gevent.sleep(max(early_s - _WATCHED_S, 0))
            while clock.now_s() < due_s:
                gevent.sleep(0)
            if self._arrived.full():
                self._refuse(due_s)
            else:
                self._arrived.spawn(self._arrive, due_s)

    def _schedule(self, begin_s: float) -> Iterator[float]:
        """Yield the moments of the arrivals, drawn for one stretch of time after the other."""
        rate, rng = self.process.options.open_rate, self.process.rng(f"arrivals {self.ordinal}")
        for stretch in count():
            drawn = poisson(rate, seconds=_STRETCH_S, seed=str(rng.random()))
            for offset_ns in drawn.offsets_ns:
                yield begin_s + stretch * _STRETCH_S + offset_ns / NS_PER_S

    def _arrive(self, due_s: float) -> None:
        self._lags_us.add(max(0, round(1e6 * (self.process.clock.now_s() - due_s))))
        account_id = self.account_ids.take()
        try:
            self.caller.unit(
                self.process.turn(self.ordinal), self.account_of(account_id), due_s=due_s
            )
        finally:
            self.account_ids.give_back(account_id)

    def _refuse(self, due_s: float) -> None:
        self._refused += 1
        call = Call(
            scenario=self.loaded(),
            turn=self.process.turn(self.ordinal),
            action="backlog",
            user=self.account,
            session=self.process.next_session(),
            intended_s=due_s,
            on_schedule=True,
        )
        self.caller.fail(call, Backlog(f"more than {MOST_IN_FLIGHT} arrivals without an answer"))
