"""One address stands for several servers, each of which gets its turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.verify.one_request import OneRequest
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.balancer import (
    Balancer,
    HAProxy,
    start_balancer,
    start_haproxy,
    start_own,
)
from tests import needs
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.unit.benchmarks.stack.waiting import eventually

Start = Callable[[Sequence[str], Path], Balancer]
needs_haproxy = needs.mark("haproxy")


class Named:
    """A server that answers with its number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def answer(self, *_: Any) -> tuple[int, Any, dict[str, str]]:
        return 200, self._number, {}


class Group:
    """Three servers, each of which can be ended."""

    def __init__(self) -> None:
        self._stacks = [ExitStack() for _ in range(3)]
        self.urls = [
            stack.enter_context(listening(handler_for(Named(number)))).url
            for number, stack in enumerate(self._stacks)
        ]

    def end(self, number: int) -> None:
        self._stacks[number].close()


@pytest.fixture
def group() -> Iterator[Group]:
    group = Group()
    yield group
    for number in range(3):
        group.end(number)


@pytest.fixture(params=[start_own, pytest.param(start_haproxy, marks=needs_haproxy)])
def balancer(request: pytest.FixtureRequest, group: Group, tmp_path: Path) -> Iterator[Balancer]:
    start: Start = request.param
    balancer = start(group.urls, tmp_path)
    yield balancer
    balancer.stop()


def ask(connection: Connection) -> int:
    return int(connection.send(connection.prepare("GET", "/")).body)


def test_requests_of_one_session_go_to_each_server_in_turn(balancer: Balancer) -> None:
    with OneRequest(balancer.url) as session:
        answers = [ask(session) for _ in range(6)]

    assert sorted(answers[:3]) == sorted(answers[3:]) == [0, 1, 2]
    assert list(balancer.given()) == [2, 2, 2]


def test_a_server_that_is_gone_is_passed_over(balancer: Balancer, group: Group) -> None:
    group.end(1)
    with OneRequest(balancer.url) as session:
        answers = [ask(session) for _ in range(6)]

    assert set(answers) == {0, 2}


def test_nobody_answers_for_servers_that_are_all_gone(balancer: Balancer, group: Group) -> None:
    for number in range(3):
        group.end(number)
    with OneRequest(balancer.url) as session:
        request = session.prepare("GET", "/")

        def refused() -> bool:
            try:
                return session.send(request).status == 503
            except ClientError:
                return True

        assert eventually(refused)


def test_a_connection_that_is_kept_stays_with_one_server(group: Group, tmp_path: Path) -> None:
    balancer = start_own(group.urls, tmp_path)
    with Connection(balancer.url) as session:
        answers = {ask(session) for _ in range(4)}
    balancer.stop()

    assert len(answers) == 1


@needs_haproxy
def test_haproxy_is_taken_where_it_is_installed(group: Group, tmp_path: Path) -> None:
    balancer = start_balancer(group.urls, tmp_path)
    balancer.stop()

    assert isinstance(balancer, HAProxy)


def test_without_haproxy_the_proxy_of_ours_is_taken(
    group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.stack.balancer.has_haproxy", lambda: False)
    balancer = start_balancer(group.urls, tmp_path)
    balancer.stop()

    assert balancer.product == "a TCP proxy that takes turns"
