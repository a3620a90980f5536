"""Processes agree on when a run began and on what was recorded in it."""

from functools import cache
from typing import Any

from tests.unit.benchmarks.load.locust.inside import inside

CODE = """
from types import SimpleNamespace
import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message
from benchmarks.load.metrics_store import MetricsStore
from benchmarks.load.clock import Clock
from benchmarks.load.locust import exchange
from benchmarks.load.variant_schedule import SideBySide

class Runner:
    def __init__(self, state, *workers):
        self.worker_state, self.sent, self.listeners = state, [], {}
        self.clients = {name: SimpleNamespace(state="ready") for name in workers}
        self.stats = SimpleNamespace(clear_all=lambda: None)
    def register_message(self, kind, listener, concurrent=False):
        self.listeners[kind] = listener
    def send_message(self, kind, data=None, client_id=None):
        self.sent.append([kind, client_id])
    def receive(self, kind, sender=None, data=None):
        listener = self.listeners[kind]
        listener(environment=None, msg=Message(kind, data, sender))

class Process:
    def __init__(self):
        self.environment, self.book, self.clock = Environment(), MetricsStore(), Clock()
        self.started, self.turns = Event(), SideBySide(["cached"])
    def reset(self):
        self.started.clear()
        self.book.reset()
    def sign_in(self):
        pass
    def plan(self):
        return {}
    def begin(self, at_s, plan):
        self.at_s = at_s
        self.started.set()

def worker(state):
    process, runner = Process(), Runner(state)
    exchange._Worker(process, runner).listen()
    gevent.sleep(0.01)
    return process, runner

def master(*workers):
    process, runner = Process(), Runner("ready", *workers)
    exchange._Master(process, runner).listen()
    process.environment.events.test_start.fire(environment=process.environment)
    gevent.sleep(0.01)
    return process, runner

def report(process, at_s):
    other = MetricsStore()
    other.record(0, "cached", "hit", 500)
    data = {"fivefold": {"at": at_s, "book": other.drain()}}
    process.environment.events.worker_report.fire(client_id="a", data=data)

found = {}
_, runner = worker("ready")
found["idle worker"] = list(runner.sent)
_, runner = worker("running")
found["worker started before it could listen"] = list(runner.sent)
process, runner = worker("ready")
process.environment.events.test_start.fire(environment=process.environment)
found["worker started"] = list(runner.sent)
runner.receive("fivefold_start", data={"at": 5.0, "plan": {}})
runner.receive("fivefold_start", data={"at": 6.0, "plan": {}})
found["begin of a worker"] = process.at_s
process.book.record(0, "cached", "hit", 500)
data = {}
process.environment.events.report_to_master.fire(client_id="a", data=data)
found["report"] = [data["fivefold"]["at"], len(data["fivefold"]["book"]["seconds"])]

process, runner = master("a", "b")
runner.receive("fivefold_ready", "a")
gevent.sleep(0.1)
found["one of two is ready"] = [list(runner.sent), process.started.is_set()]
runner.receive("fivefold_ready", "b")
process.started.wait(60)
found["both are ready"] = [list(runner.sent), process.started.is_set()]
runner.receive("fivefold_ready", "late")
found["a late one"] = runner.sent[-1]
report(process, process.at_s)
report(process, process.at_s - 60)
found["reports"] = process.book.totals()["cached", "hit"].requests
process.environment.events.reset_stats.fire()
found["reset"] = [len(process.book.totals()), runner.sent[-1]]

process, runner = master("a", "gone")
runner.receive("fivefold_ready", "a")
del runner.clients["gone"]
process.started.wait(60)
found["one left before it was ready"] = process.started.is_set()
"""


@cache
def _found() -> Any:
    return inside(CODE)


def test_a_worker_says_when_its_accounts_are_logged_in() -> None:
    assert _found()["idle worker"] == []
    assert _found()["worker started"] == [["fivefold_ready", None]]


def test_a_worker_that_joined_a_run_before_it_could_listen_still_says_so() -> None:
    assert _found()["worker started before it could listen"] == [["fivefold_ready", None]]


def test_a_worker_begins_once_and_reports_for_that_run() -> None:
    assert _found()["begin of a worker"] == 5.0
    assert _found()["report"] == [5.0, 1]


def test_a_run_begins_when_all_workers_are_ready() -> None:
    assert _found()["one of two is ready"] == [[], False]
    assert _found()["both are ready"] == [[["fivefold_start", None]], True]


def test_a_late_worker_is_told_the_begin_alone() -> None:
    assert _found()["a late one"] == ["fivefold_start", "late"]


def test_nobody_waits_for_a_worker_that_has_left() -> None:
    assert _found()["one left before it was ready"] is True


def test_a_report_of_the_run_before_is_left_out() -> None:
    assert _found()["reports"] == 1


def test_a_reset_reaches_all_processes() -> None:
    assert _found()["reset"] == [0, ["fivefold_reset", None]]
