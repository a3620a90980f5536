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

def chosen(named=(), tags=None, exclude_tags=None, scenario=""):
    environment = Environment(user_classes=[classes[name] for name in named or classes])
    environment.parsed_options = SimpleNamespace(
        user_classes=list(named), tags=tags, exclude_tags=exclude_tags, scenario=scenario
    )
    try:
        choose(environment)
    except SystemExit as end:
        return end.code
    return sorted(one.__name__ for one in environment.user_classes)

closed = [one for name, one in classes.items() if name != "OpenLoop"]
found = {
    "nothing": chosen(),
    "named": chosen(["OpenLoop", "UpdateHeavy"]),
    "named, scenario": chosen(["OpenLoop"], scenario="zipf"),
    "session": chosen(scenario="session"),
    "hot-key": chosen(scenario="hot-key"),
    "hits": chosen(scenario="hits"),
    "tags auth": chosen(tags=["auth"]),
    "tags seed": chosen(tags=["seed"]),
    "without": chosen(exclude_tags=["writes", "auth"]),
    "named, tags": chosen(["ReadZipf", "Updates"], tags=["writes"]),
    "nobody": chosen(["ReadZipf"], tags=["auth"]),
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
from benchmarks.load.metrics import MetricsStore
from benchmarks.load.schedule import Clock
from benchmarks.load.locust import exchange
from benchmarks.load.schedule import SideBySide

class Runner:
    def __init__(self, state, *workers):
        self.worker_state, self.sent, self.listeners = state, [], {}
        self.clients = {name: SimpleNamespace(state="ready") for name in workers}
        self.stats, self.ended = SimpleNamespace(clear_all=lambda: None), Event()
        self.quit = self.ended.set
    def register_message(self, kind, listener, concurrent=False):
        self.listeners[kind] = listener
    def send_message(self, kind, data=None, client_id=None):
        self.sent.append([kind, client_id])
    def receive(self, kind, sender=None, data=None):
        listener = self.listeners[kind]
        listener(environment=None, msg=Message(kind, data, sender))

class Process:
    def __init__(self):
        self.environment, self.metrics, self.clock = Environment(), MetricsStore(), Clock()
        self.started, self.schedule, self.is_headless = Event(), SideBySide(["cached"]), True
    def reset(self):
        self.started.clear()
        self.metrics.reset()
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

def master(*workers, run_time=None):
    process, runner = Process(), Runner("ready", *workers)
    process.environment.runner = runner
    process.environment.parsed_options = options = SimpleNamespace(
        run_time=run_time, expect_workers=0, expect_workers_max_wait=0
    )
    part = exchange._Master(process, runner)
    part.listen()
    part.meet()
    found["run time that is left to Locust"] = options.run_time
    process.environment.events.test_start.fire(environment=process.environment)
    gevent.sleep(0.01)
    return process, runner

found = {}

def report(process, at_s):
    other = MetricsStore()
    other.record(0, "cached", "hit", 500)
    data = {"fivefold": {"at": at_s, "metrics": other.drain()}}
    process.environment.events.worker_report.fire(client_id="a", data=data)

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
process.metrics.record(0, "cached", "hit", 500)
data = {}
process.environment.events.report_to_master.fire(client_id="a", data=data)
found["report"] = [data["fivefold"]["at"], len(data["fivefold"]["metrics"]["seconds"])]

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
found["reports"] = process.metrics.totals()["cached", "hit"].requests
process.environment.events.reset_stats.fire()
found["reset"] = [len(process.metrics.totals()), runner.sent[-1]]

process, runner = master("a", "gone")
runner.receive("fivefold_ready", "a")
del runner.clients["gone"]
process.started.wait(60)
found["one left before it was ready"] = process.started.is_set()

process, runner = master("a", run_time=0.01)
gevent.sleep(0.1)
ended_early = runner.ended.is_set()
runner.receive("fivefold_ready", "a")
found["run time"] = [ended_early, runner.ended.wait(60)]
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
"""

# What becomes of an answer.
ANSWERS = """
import socket
from types import SimpleNamespace
import gevent
from gevent.pywsgi import WSGIServer
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from benchmarks.load.account_pool import stranger
from benchmarks.load.locust.caller import Call, Caller
from benchmarks.load.schedule import Clock, Turn
from benchmarks.scenarios import LOAD_SCENARIOS

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

def judged(scenario_name, said, url=running):
    global status
    status, scenario = said, LOAD_SCENARIOS[scenario_name]
    process = SimpleNamespace(
        targets={"cached": url}, clock=clock, options=SimpleNamespace(load_seed=1))
    client = FastHttpSession(url, environment.events.request, None)
    call = Call(scenario=scenario, turn=Turn("cached", 0, 0), action=next(iter(scenario.actions)),
        user=0, session=0)
    Caller(process, scenario, client)._request(call, stranger(1))
    return fired.pop()[1]

with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    gone = f"http://127.0.0.1:{closed.getsockname()[1]}"
    found = {
        "expected": judged("hits", "200 OK"),
        "refused": judged("hits", "429 Too Many Requests"),
        "broken": judged("hits", "500 Internal Server Error"),
        "refusal that was asked for": judged("limit-burst", "429 Too Many Requests"),
        "not the refusal that was asked for": judged("limit-burst", "200 OK"),
        "gone": judged("hits", "", gone),
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
    # Locust sends the same answer again for a while.
    "requests": [client.get("/load/stats/requests").get_json() for _ in range(2)],
    "columns": [each["key"] for each in ui.template_args["extended_tables"][0]["structure"]],
}
environment.events.reset_stats.fire()
found["after a reset"] = data()
environment.events.test_start.fire(environment=environment)
found["after a start"] = data()
"""

# Locust's tables, of this process from then on.
TABLES = """
import csv, io
from locust import stats
from locust.env import Environment
from benchmarks.load.locust.tables import show_three_digits, three_digits

show_three_digits()
environment = Environment()
environment.create_local_runner()
for time_ms in [0.5341] * 98 + [12.3456, 4567.8]:
    environment.stats.log_request("GET", "cached: list", time_ms, 100)
written = io.StringIO()
stats.StatsCSV(environment, stats.PERCENTILES_TO_REPORT).requests_csv(csv.writer(written))
entry = environment.stats.get("cached: list", "GET")
found = {
    "digits": [three_digits(x) for x in (0, 0.00012345, 0.5341, 9.996, 99.96, 1234.5)],
    "console": stats.get_stats_summary(environment.stats, current=False),
    "percentiles": stats.get_percentile_stats_summary(environment.stats),
    "csv": list(csv.DictReader(io.StringIO(written.getvalue())))[0],
    "ui": entry.to_dict(),
    "keys": sorted(entry.response_times),
}
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
        "tables": TABLES,
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
        ("tags auth", ["LimitBurst", "SignIn"]),
        ("tags seed", ["FiveRequests"]),
        ("without", ["FiveRequests", "ReadUniform", "ReadZipf", "WarmReads"]),
        ("named, tags", ["Updates"]),
        ("nobody", 1),
    ],
)
def test_named_classes_run_or_those_of_a_scenario_or_tags_or_the_usual_web_application(
    asked: str, run: object
) -> None:
    assert inside("classes")[asked] == run


def test_every_scenario_that_needs_no_other_service_has_a_class_and_is_drawn_from_it() -> None:
    assert all(inside("classes")[what] for what in ("the same", "all", "documented"))


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("idle worker", []),
        ("worker started", [["fivefold_ready", None]]),
        ("worker started before it could listen", [["fivefold_ready", None]]),
        ("begin of a worker", 5.0),
        ("report", [5.0, 1]),
        ("one of two is ready", [[], False]),
        ("both are ready", [[["fivefold_start", None]], True]),
        ("one left before it was ready", True),
        ("a late one", ["fivefold_start", "late"]),
        # A report of the run before is left out.
        ("reports", 1),
        ("reset", [0, ["fivefold_reset", None]]),
        ("run time", [False, True]),
        ("run time that is left to Locust", None),
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
        ("refusal that was asked for", None),
        ("not the refusal that was asked for", "200 Come again."),
    ],
)
def test_an_answer_that_the_scenario_does_not_expect_is_a_failure_with_what_was_said(
    what: str, failure: str | None
) -> None:
    said = inside("answers")[what]

    assert said == failure or (failure and failure in said)
    assert "refused" in inside("answers")["gone"]


def test_the_page_and_its_tab_are_below_the_base_path_of_locust_with_the_data_of_the_process() -> (
    None
):
    found = inside("routes")

    assert (found["page"], found["page at the root"]) == (200, 404)
    # Only the start page leads to ours.
    assert found["start"].count('href="./fivefold"') == 1
    assert 'href="./fivefold"' not in found["report"]
    assert '"extended_tabs": [{"title": "fivefold", "key": "fivefold"}]' in found["start"]
    first, again = (each["extended_stats"] for each in found["requests"])
    [table] = first
    assert again == first
    assert table["key"] == "fivefold"
    assert [row["name"] for row in table["data"]] == ["cached: hit", "cached: failed"]
    assert set(found["columns"]) == set(table["data"][0])
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


def test_every_table_of_locust_keeps_three_significant_digits_below_its_own_headers() -> None:
    found = inside("tables")
    header, _, row, *_ = found["console"]
    percentiles = found["percentiles"][3].split()

    assert found["digits"] == [0.0, 0.000123, 0.534, 10.0, 100.0, 1230.0]
    assert found["keys"] == [0.534, 12.3, 4570.0]
    assert row.split()[-8:-3] == ["|", "46.3", "0.534", "4570", "0.534"]
    assert _bars(row) == _bars(header)
    assert percentiles[:9] == ["GET", "cached:", "list", *["0.534"] * 6]
    assert percentiles[-2:] == ["4570", "100"]
    columns = ("50%", "95%", "100%", "Median Response Time")
    assert [found["csv"][name] for name in columns] == ["0.534", "0.534", "4570.0", "0.5341"]
    names = ("min_response_time", "max_response_time", "response_time_percentile_0.95")
    assert [found["ui"][name] for name in names] == [0.534, 4570.0, 0.534]


def _bars(line: str) -> list[int]:
    return [place for place, letter in enumerate(line) if letter == "|"]
