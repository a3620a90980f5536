"""What needs Locust, in one process of its own: importing it would change the tests' sockets."""

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

# Which user classes run.
CLASSES = """
from types import SimpleNamespace
from locust.env import Environment
from benchmarks import locustfile
from benchmarks.load.locust.wiring import choose
from benchmarks.scenarios import LOAD_SCENARIOS, LOADABLE

classes = {name: getattr(locustfile, name) for name in locustfile.__all__}

def chosen(named=(), scenario="mostly-reads", offered=tuple(classes)):
    environment = Environment(user_classes=[classes[name] for name in named or offered])
    environment.parsed_options = SimpleNamespace(user_classes=list(named), scenario=scenario)
    choose(environment)
    return sorted(one.__name__ for one in environment.user_classes)

closed = [one for name, one in classes.items() if name != "OpenLoop"]
found = {
    "nothing": chosen(),
    "named": chosen(["OpenLoop", "UpdateHeavy"]),
    "named, scenario": chosen(["OpenLoop"], scenario="zipf"),
    "session": chosen(scenario="session"),
    "hot-key": chosen(scenario="hot-key"),
    "hits": chosen(scenario="hits"),
    "others": chosen(offered=["ReadZipf", "Updates"]),
    "the same": all(one.scenario is LOAD_SCENARIOS[one.scenario.name] for one in closed),
    "all": sorted(one.scenario.name for one in closed) == sorted(LOADABLE),
    "documented": all(one.__doc__ for one in closed),
}
"""

# What processes tell each other.
EXCHANGE = """
from types import SimpleNamespace
import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message
from benchmarks.load.locust import exchange
from benchmarks.load.metrics import MetricsStore
from benchmarks.load.schedule import Clock, SideBySide

class Runner:
    def __init__(self, *workers):
        self.sent, self.listeners = [], {}
        self.clients = {name: SimpleNamespace(state="ready") for name in workers}
        self.register_message = self.listeners.__setitem__
    def send_message(self, kind, data=None, client_id=None):
        self.sent.append([kind, client_id])
    def hear(self, sender):
        self.listeners["fivefold_ready"](msg=Message("fivefold_ready", None, sender))

class Process:
    def __init__(self):
        self.environment, self.metrics, self.clock = Environment(), MetricsStore(), Clock()
        self.started, self.schedule, self.is_headless = Event(), SideBySide(["cached"]), False
    def reset(self):
        self.metrics.reset()
    def begin(self, at_s):
        self.at_s = at_s
        self.started.set()

def report(process, at_s):
    other = MetricsStore()
    other.record(0, "cached", "hit", 500)
    data = {"fivefold": {"at": at_s, "metrics": other.drain()}}
    process.environment.events.worker_report.fire(client_id="a", data=data)

process, runner = Process(), Runner("a", "b", "gone")
exchange._Master(process, runner)
process.environment.events.test_start.fire(environment=process.environment)
runner.hear("a")
gevent.sleep(0.1)
found = {"one of two is ready": [list(runner.sent), process.started.is_set()]}
del runner.clients["gone"]
runner.hear("b")
process.started.wait(60)
runner.hear("late")
found["both are ready"] = runner.sent
for at_s in (process.at_s, process.at_s - 60):
    report(process, at_s)
found["reports"] = process.metrics.totals()["cached", "hit"].requests
"""

# What a process is told by its options.
WIRED = """
import logging
from locust import User
from locust.env import Environment
from locust.argument_parser import get_parser
from benchmarks import locustfile
from benchmarks.load.locust import wiring
from benchmarks.load.locust.process import process_of

def process_with(*arguments):
    options = get_parser().parse_args([*arguments])
    options.run_time = 4.0
    environment = Environment(
        user_classes=[User], parsed_options=options, host=options.host)
    environment.create_local_runner()
    return process_of(environment)

said = []
wiring._logger.addFilter(lambda record: said.append(record.getMessage()))

def refusal(*arguments):
    said.clear()
    try:
        wiring._check_targets(process_with(*arguments))
    except SystemExit as end:
        return [end.code, *said]

hosts = ("", "localhost", "http://127.0.0.1/docs")
found = {host: refusal(*["--host", host] * bool(host)) for host in hosts}
found["ftp://a"] = refusal("--cached", "ftp://a", "--uncached", "http://127.0.0.1:1")
"""

# What becomes of an answer.
ANSWERS = """
import socket
from types import SimpleNamespace
import gevent
from gevent.pywsgi import WSGIServer
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from benchmarks.load.locust.caller import Call, Caller
from benchmarks.load.schedule import Clock, Turn
from benchmarks.scenarios import LOAD_SCENARIOS
from benchmarks.scenarios.base import Member

def answer(environ, start_response):
    start_response(environ["QUERY_STRING"] or status, [("Content-Type", "text/plain")])
    return [b"Come again."]

server = WSGIServer(("127.0.0.1", 0), answer, log=None)
server.start()
running = f"http://127.0.0.1:{server.server_port}"
environment, fired = Environment(), []
environment.events.request.add_listener(
    lambda exception, name, **_: fired.append([name, exception and str(exception)]))
clock = Clock()
clock.begin(0.0)

def judged(said, url=running):
    global status
    status, scenario = said, LOAD_SCENARIOS["hits"]
    process = SimpleNamespace(targets={"cached": url}, clock=clock)
    client = FastHttpSession(url, environment.events.request, None)
    call = Call(scenario=scenario, turn=Turn("cached", 0, 0), action=next(iter(scenario.actions)),
        user=0, session=0)
    Caller(process, scenario, client)._request(call, Member(number=1))
    return fired.pop()[1]

with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    gone = f"http://127.0.0.1:{closed.getsockname()[1]}"
    found = {
        "expected": judged("200 OK"),
        "refused": judged("429 Too Many Requests"),
        "broken": judged("500 Internal Server Error"),
        "gone": judged("", gone),
    }
"""

# The live page in Locust's web UI.
ROUTES = """
from locust.env import Environment
from locust.argument_parser import get_parser
from benchmarks import locustfile
from benchmarks.load.locust.process import process_of
from benchmarks.load.page.routes import add_page

options = get_parser().parse_args(
    ["--uncached", "http://127.0.0.1:1", "--cached", "http://127.0.0.1:2"])
classes = {"ReadMostly": locustfile.ReadMostly, "HotKey": locustfile.HotKey}
environment = Environment(user_classes=[locustfile.ReadMostly], available_user_classes=classes,
    parsed_options=options)
runner = environment.create_local_runner()
runner.start = lambda *_, **__: None
ui = environment.create_web_ui(
    delayed_start=True, web_base_path="/load", userclass_picker_is_active=True)
process = process_of(environment)
add_page(environment, admin_token=None, names=())
client = ui.app.test_client()
metrics = process.metrics
for second in range(3):
    metrics.record(second, "cached", "hit", 1000)

def data():
    return client.get("/load/fivefold/data").get_json()

def picked(*names):
    client.post("/load/swarm", data={"user_count": 1, "spawn_rate": 1, "user_classes": list(names)})
    client.get("/load/")
    runs = [each.__name__ for each in environment.user_classes]
    return runs, ui.template_args["available_user_classes"]

found = {
    "nothing ticked": picked(),
    "another ticked": picked("HotKey"),
    "nothing ticked again": picked(),
    "both ticked": picked("ReadMostly", "HotKey"),
    "page": client.get("/load/fivefold").status_code,
    "page at the root": client.get("/fivefold").status_code,
    "data": data(),
    "flag": client.get("/load/fivefold/flag").get_json(),
    "start": client.get("/load/").get_data(as_text=True),
    "report": client.get("/load/stats/report").get_data(as_text=True),
}
environment.events.reset_stats.fire()
found["after a reset"] = data()
environment.events.test_start.fire(environment=environment)
found["after a start"] = data()
"""

RUN = """
import json, sys, traceback

results = {}
for name, code in json.load(sys.stdin).items():
    space = {}
    try:
        exec(code, space)
        results[name] = [space["found"], ""]
    except BaseException:
        results[name] = [None, traceback.format_exc()]
print(json.dumps(results))
"""


@cache
def results() -> Any:
    parts = {
        "classes": CLASSES,
        "exchange": EXCHANGE,
        "wired": WIRED,
        "answers": ANSWERS,
        "routes": ROUTES,
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(parts),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"LOCUST_SKIP_MONKEY_PATCH": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def inside(part: str) -> Any:
    """Return what a part of the code left in ``found``."""
    found, failure = results()[part]
    assert not failure, failure
    return found


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ("nothing", ["ReadMostly"]),
        ("named", ["OpenLoop", "UpdateHeavy"]),
        ("named, scenario", ["OpenLoop"]),
        ("session", ["FiveRequests"]),
        ("hot-key", ["HotKey"]),
        ("hits", ["WarmReads"]),
        ("others", ["ReadZipf", "Updates"]),
    ],
)
def test_named_classes_run_or_that_of_a_scenario_or_the_usual_web_application(
    asked: str, run: object
) -> None:
    assert inside("classes")[asked] == run


def test_every_scenario_that_needs_no_other_service_has_a_class_and_is_drawn_from_it() -> None:
    assert all(inside("classes")[what] for what in ("the same", "all", "documented"))


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("one of two is ready", [[], False]),
        # One that has left is not waited for, and one that comes late is told.
        ("both are ready", [["fivefold_start", None], ["fivefold_start", "late"]]),
        # A report of the run before is left out.
        ("reports", 1),
    ],
)
def test_processes_agree_on_when_a_run_began_and_on_what_was_recorded_in_it(
    what: str, expected: object
) -> None:
    assert inside("exchange")[what] == expected


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("", ["--uncached", "--cached", "--host"]),
        ("localhost", ["localhost is no address of a service"]),
        ("http://127.0.0.1/docs", ["http://127.0.0.1/docs is no address of a service"]),
        ("ftp://a", ["ftp://a is no address of a service"]),
    ],
)
def test_without_the_address_of_a_service_one_sentence_says_what_is_missing(
    host: str, words: list[str]
) -> None:
    code, said = inside("wired")[host]

    assert code == 1
    assert all(word in said for word in words)


@pytest.mark.parametrize(
    ("what", "failure"),
    [
        ("expected", None),
        ("refused", "429 Come again."),
        ("broken", "500 Come again."),
    ],
)
def test_an_answer_that_the_scenario_does_not_expect_is_a_failure_with_what_was_said(
    what: str, failure: str | None
) -> None:
    said = inside("answers")[what]

    assert said == failure or (failure and failure in said)
    assert "refused" in inside("answers")["gone"]


def test_the_page_is_below_the_base_path_of_locust_with_the_data_of_the_process() -> None:
    found = inside("routes")

    assert (found["page"], found["page at the root"]) == (200, 404)
    # Only the start page leads to ours.
    assert found["start"].count('href="./fivefold"') == 1
    assert 'href="./fivefold"' not in found["report"]
    assert found["data"]["variants"] == ["uncached", "cached"]
    assert [row["second"] for row in found["data"]["seconds"]] == [0, 1, 2]
    assert (found["data"]["state"], found["data"]["workers"]) == ("ready", None)
    # Without a token the switch says what to set.
    assert "FIVEFOLD_ADMIN_TOKEN" in found["flag"]["message"]
    # A reset and a start make the page begin anew.
    generations = [found[what]["generation"] for what in ("data", "after a reset", "after a start")]
    assert generations == [0, 1, 2]


@pytest.mark.parametrize(
    ("form", "runs"),
    [
        ("nothing ticked", ["ReadMostly"]),
        ("another ticked", ["HotKey"]),
        ("nothing ticked again", ["HotKey"]),
        ("both ticked", ["ReadMostly", "HotKey"]),
    ],
)
def test_what_is_ticked_runs_and_what_runs_is_ticked(form: str, runs: list[str]) -> None:
    assert inside("routes")[form] == [runs, runs]
