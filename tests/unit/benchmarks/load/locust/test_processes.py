"""The processes of a run: what they are told, what they tell each other, what an answer becomes."""

import logging
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from locust import User
from locust.argument_parser import get_parser
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment

from benchmarks import locustfile
from benchmarks.load.locust import exchange, wiring
from benchmarks.load.locust.caller import Call, Caller
from benchmarks.load.locust.process import LocustProcess
from benchmarks.load.locust.users import ScenarioUser
from benchmarks.load.metrics import MetricsStore
from benchmarks.measure.sessions import Block
from benchmarks.scenarios import LOAD_SCENARIOS, LOADABLE
from benchmarks.scenarios.base import Member, Scenario
from tests.unit.benchmarks.fake_http import handler_for, listening

CLASSES = [
    each
    for each in vars(locustfile).values()
    if isinstance(each, type) and issubclass(each, ScenarioUser) and not each.abstract
]
BLOCK = Block(0, 0, 0, "cached")
CLOSED = [each for each in CLASSES if each is not locustfile.OpenLoop]


def process_with(*arguments: str, classes: Any = (User,)) -> LocustProcess:
    options = get_parser().parse_args([*arguments])
    environment = Environment(
        user_classes=[*classes], parsed_options=options, host=options.host or None
    )
    return LocustProcess(environment)


@pytest.mark.parametrize(
    ("arguments", "offered", "run"),
    [
        ([], None, ["ReadMostly"]),
        (["OpenLoop", "UpdateHeavy"], ["OpenLoop", "UpdateHeavy"], ["OpenLoop", "UpdateHeavy"]),
        (["--scenario", "zipf", "OpenLoop"], ["OpenLoop"], ["OpenLoop"]),
        (["--scenario", "session"], None, ["FiveRequests"]),
        (["--scenario", "hot-key"], None, ["HotKey"]),
        (["--scenario", "hits"], None, ["WarmReads"]),
        ([], ["ReadZipf", "Updates"], ["ReadZipf", "Updates"]),
    ],
)
def test_named_classes_run_or_that_of_a_scenario_or_the_usual_web_application(
    arguments: list[str], offered: list[str] | None, run: list[str]
) -> None:
    classes = [each for each in CLASSES if offered is None or each.__name__ in offered]
    environment = process_with(*arguments, classes=classes).environment

    wiring.choose(environment)

    assert sorted(each.__name__ for each in environment.user_classes) == run


def test_every_scenario_that_needs_no_other_service_has_a_class_and_is_drawn_from_it() -> None:
    assert all(each.scenario is LOAD_SCENARIOS[each.scenario.name] for each in CLOSED)
    assert sorted(each.scenario.name for each in CLOSED) == sorted(LOADABLE)
    # The page names a workload by it.
    assert all(each.__doc__ for each in CLASSES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--uncached", "--cached", "--host"]),
        (["--host", "localhost"], ["localhost is no address of a service"]),
        (["--host", "http://127.0.0.1/docs"], ["127.0.0.1/docs is no address of a service"]),
        (["--cached", "ftp://a", "--uncached", "http://a"], ["ftp://a is no address of a service"]),
    ],
)
def test_without_the_address_of_a_service_one_sentence_says_what_is_missing(
    arguments: list[str], words: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(SystemExit) as ended:
        wiring._check_targets(process_with(*arguments))

    assert ended.value.code == 1
    [said] = caplog.messages
    assert all(word in said for word in words)


def test_a_report_of_the_run_before_is_left_out() -> None:
    process = process_with("--cached", "http://a")
    master = exchange._Master(process, Mock(clients={}))
    events: Any = process.environment.events
    events.test_start.fire(environment=process.environment)
    process.started.wait(60)
    assert master._began_s is not None
    for at_s in (master._began_s, master._began_s - 60):
        other = MetricsStore()
        other.record(0, "cached", "hit", 500)
        report = {"at": at_s, "metrics": other.drain()}
        events.worker_report.fire(client_id="a", data={exchange.REPORT: report})

    assert process.metrics.totals()["cached", "hit"].requests == 1


class OneUser:
    """A user of a scenario, and what Locust is told of its requests."""

    def __init__(self, url: str, scenario: Scenario) -> None:
        self.process, self._scenario = process_with("--cached", url), scenario
        self.process.clock.begin(0.0)
        self.fired: list[tuple[str, str | None]] = []
        events: Any = self.process.environment.events
        events.request.add_listener(self._fired)
        self._session = FastHttpSession(url, events.request, None)
        self.caller = Caller(self.process, scenario, self._session)

    def _fired(self, name: str, exception: Exception | None, **_: object) -> None:
        self.fired.append((name, f"{type(exception).__name__}: {exception}" if exception else None))

    def asks(self) -> tuple[str | None, str]:
        """Send one request; return its failure and its outcome."""
        call = Call(block=BLOCK, action=next(iter(self._scenario.actions)), user=0, session=0)
        self.caller._request(call, Member(number=1))
        self._session.client.close()
        [(_, failure)] = self.fired
        return failure, self.outcome

    @property
    def outcome(self) -> str:
        [(_, outcome)] = self.process.metrics.totals()
        return outcome


@pytest.mark.parametrize(
    ("status", "failure", "outcome"),
    [
        (200, None, "unknown"),
        (429, "CatchResponseError: 429 Come again.", "failed"),
        (500, "CatchResponseError: 500 Come again.", "failed"),
    ],
)
def test_an_answer_that_the_scenario_does_not_expect_is_a_failure_with_what_was_said(
    status: int, failure: str | None, outcome: str
) -> None:
    answers = SimpleNamespace(answer=lambda *_: (status, b"Come again.", {}))
    with listening(handler_for(answers)) as service:
        assert OneUser(service.url, LOAD_SCENARIOS["hits"]).asks() == (failure, outcome)


def test_no_answer_is_a_failure_and_so_is_an_account_that_cannot_be_logged_in(
    closed_port: int,
) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    said, outcome = OneUser(url, LOAD_SCENARIOS["hits"]).asks()
    user = OneUser(url, LOAD_SCENARIOS["writes"])
    began = user.caller.unit(BLOCK, 0)
    [(name, failure)] = user.fired

    assert ("refused" in (said or ""), outcome) == (True, "failed")
    assert (began, name, user.outcome) == (False, "cached: set-up", "failed")
    assert (failure or "").startswith("SetUpFailed: POST /auth/register")
    assert url in (failure or "")
