"""What simulated users do: one unit of a scenario after the other, or arrivals on a schedule."""

from collections.abc import Iterator

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopTest

from benchmarks.load.locust.caller import Caller
from benchmarks.load.locust.options import DEFAULT_SCENARIO, NO_TARGET
from benchmarks.load.locust.process import ACCOUNTS_SHARE, process_of
from benchmarks.scenarios import LOAD_SCENARIOS, Scenario

_AFTER_A_FAILED_SET_UP_S = 1.0
MOST_IN_FLIGHT = 1000
"""Further arrivals wait: their times, from when each was due, say that the service is too slow."""

_WATCHED_S = 0.002
"""Seconds before an arrival to watch the clock: gevent's timers are late by about a millisecond,
since epoll counts whole ones."""
_LAST_ANSWERS_S = 0.25


class ScenarioUser(FastHttpUser):
    """Does one unit of its scenario after the other, with a pause after each."""

    abstract = True
    network_timeout = connection_timeout = 10.0
    scenario: Scenario

    def __init__(self, environment: Environment) -> None:
        self.process = process_of(environment)
        if not self.process.targets:
            raise StopTest(NO_TARGET)
        # Requests name their whole address; Locust only wants to see one.
        self.host = self.host or next(iter(self.process.targets.values()))
        super().__init__(environment)
        self._ordinals = self.process.ordinals(type(self).__name__)
        self.account_ids = self.process.account_ids
        self.ordinal = self._ordinals.take()
        self._account_id = self.account_ids.take()
        self.account = self.account_of(self._account_id)
        self.caller = Caller(self.process, self.scenario, self.client)
        self._pauses = self.process.rng(f"{type(self).__name__} {self.ordinal}")

    def account_of(self, account_id: int) -> int:
        """Return the number of the account that goes with an id of this process."""
        return self.process.worker_index * ACCOUNTS_SHARE + account_id

    def on_start(self) -> None:
        """Wait for the moment from which time counts in every process."""
        self.process.started.wait()

    def on_stop(self) -> None:
        """Leave the place to others."""
        self._ordinals.give_back(self.ordinal)
        self.account_ids.give_back(self._account_id)

    def wait_time(self) -> float:
        """Return the pause after a unit."""
        mean_s = self.process.options.think_seconds
        return self._pauses.expovariate(1 / mean_s) if mean_s else 0.0

    @task
    def its_task(self) -> None:
        """Act: a subclass would have its own ``act`` as a second task beside the first."""
        self.act()

    def act(self) -> None:
        """Do the next unit."""
        if not self.caller.unit(self.process.block(self.ordinal), self.account):
            gevent.sleep(_AFTER_A_FAILED_SET_UP_S)


class OpenLoop(ScenarioUser):
    """Arrivals at a rate that does not care for answers; times count from when each was due."""

    concurrency = MOST_IN_FLIGHT
    scenario = LOAD_SCENARIOS[DEFAULT_SCENARIO]

    def __init__(self, environment: Environment) -> None:
        self.scenario = LOAD_SCENARIOS[process_of(environment).options.scenario]
        super().__init__(environment)
        self._arrived = Pool(MOST_IN_FLIGHT)

    def on_stop(self) -> None:
        """Wait a moment for the last answers."""
        # A master waits half a second for the last report of its workers.
        self._arrived.join(timeout=_LAST_ANSWERS_S)
        self._arrived.kill()
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
            self._arrived.spawn(self._arrive, due_s)

    def _schedule(self, begin_s: float) -> Iterator[float]:
        """Yield the moments of the arrivals, a Poisson process."""
        rate, rng = self.process.options.open_rate, self.process.rng(f"arrivals {self.ordinal}")
        while True:
            begin_s += rng.expovariate(rate)
            yield begin_s

    def _arrive(self, due_s: float) -> None:
        account_id = self.account_ids.take()
        try:
            self.caller.unit(
                self.process.block(self.ordinal), self.account_of(account_id), due_s=due_s
            )
        finally:
            self.account_ids.give_back(account_id)
