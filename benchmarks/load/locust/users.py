"""The user classes, as people pick them; each does what one scenario says."""

from collections.abc import Callable
from typing import Any, ClassVar

import gevent
from locust import FastHttpUser, TaskSet, tag
from locust.env import Environment
from locust.exception import StopTest

from benchmarks.load.locust.caller import Caller
from benchmarks.load.locust.options import NO_TARGET
from benchmarks.load.locust.process import ACCOUNTS_SHARE, process_of
from benchmarks.scenarios import LOAD_SCENARIOS, Scenario

_AFTER_A_FAILED_SET_UP_S = 1.0


class ScenarioUser(FastHttpUser):
    """Does one unit of its scenario after the other, with a pause after each."""

    abstract = True
    network_timeout = connection_timeout = 10.0
    scenario: ClassVar[Scenario]

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
        self.caller = Caller(self.process, self.loaded(), self.client)
        self._pauses = self.process.rng(f"{type(self).__name__} {self.ordinal}")

    def loaded(self) -> Scenario:
        """Return what this user does."""
        return self.scenario

    def account_of(self, account_id: int) -> int:
        """Return the number of the account that goes with an id of this process."""
        return self.process.worker_index * ACCOUNTS_SHARE + account_id

    def on_start(self) -> None:
        """Wait for the moment from which time counts in every process."""
        self.process.started.wait()

    def on_stop(self) -> None:
        """Leave the place to others."""
        self.caller.close()
        self._ordinals.give_back(self.ordinal)
        self.account_ids.give_back(self._account_id)

    def wait_time(self) -> float:
        """Return the pause after a unit."""
        mean_s = self.process.options.think_seconds
        return self._pauses.expovariate(1 / mean_s) if mean_s else 0.0

    def act(self) -> None:
        """Do the next unit."""
        if not self.caller.unit(self.process.turn(self.ordinal), self.account):
            gevent.sleep(_AFTER_A_FAILED_SET_UP_S)


def acting(*tags: str) -> list[TaskSet | Callable[..., Any]]:
    """Return the one task of a class, tagged."""

    @tag(*tags)
    def act(user: ScenarioUser) -> None:
        user.act()

    return [act]


class ReadMostly(ScenarioUser):
    """95 % reads, 5 % writes; some accounts much more often than others."""

    scenario = LOAD_SCENARIOS["mostly-reads"]
    tasks = acting("reads", "writes")


class FiveRequests(ScenarioUser):
    """The claim itself: opens the list five times, the first time from a cold cache."""

    scenario = LOAD_SCENARIOS["session"]
    tasks = acting("reads", "seed")


class ReadZipf(ScenarioUser):
    """Reads only, of some accounts much more often than of others."""

    scenario = LOAD_SCENARIOS["zipf"]
    tasks = acting("reads")


class ReadUniform(ScenarioUser):
    """Reads only, of all accounts alike."""

    scenario = LOAD_SCENARIOS["uniform"]
    tasks = acting("reads")


class LatestFirst(ScenarioUser):
    """Reads mostly of those who wrote last."""

    scenario = LOAD_SCENARIOS["latest"]
    tasks = acting("reads", "writes")


class UpdateHeavy(ScenarioUser):
    """As many writes as reads."""

    scenario = LOAD_SCENARIOS["half-writes"]
    tasks = acting("reads", "writes")


class HotKey(ScenarioUser):
    """Everybody reads one list that now and then changes: a stampede after each write."""

    scenario = LOAD_SCENARIOS["hot-key"]
    tasks = acting("reads", "writes")


class WarmReads(ScenarioUser):
    """Reads that a cache can always answer."""

    scenario = LOAD_SCENARIOS["hits"]
    tasks = acting("reads")


class Updates(ScenarioUser):
    """Writes that each have something to invalidate."""

    scenario = LOAD_SCENARIOS["writes"]
    tasks = acting("writes")


class SignIn(ScenarioUser):
    """Logs in, reads three times, logs out."""

    scenario = LOAD_SCENARIOS["sign-in"]
    tasks = acting("auth", "reads")


class LimitBurst(ScenarioUser):
    """Guesses passwords until it is refused; a 429 is what is asked for."""

    scenario = LOAD_SCENARIOS["limit-burst"]
    tasks = acting("auth", "limits")
