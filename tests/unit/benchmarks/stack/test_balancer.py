"""One address stands for several servers, each of which gets its turn."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks.coherence.clients import OneRequest
from benchmarks.measure.client import ClientError, Connection
from benchmarks.stack.balancer import HAProxy, start_balancer, start_haproxy, start_own
from tests import needs
from tests.unit.benchmarks.fake_http import handler_for, listening
from tests.waiting import eventually

needs_haproxy = needs.mark("haproxy")


class Named:
    """A server that answers with its number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def answer(self, *_: Any) -> tuple[int, Any, dict[str, str]]:
        return 200, self._number, {}


class ThreeServers:
    """Three servers, each of which can be ended."""

    def __init__(self) -> None:
        self._stacks = [ExitStack() for _ in range(3)]
        self.urls = [
            stack.enter_context(listening(handler_for(Named(number)))).url
            for number, stack in enumerate(self._stacks)
        ]

    def end(self, *numbers: int) -> None:
        for number in numbers:
            self._stacks[number].close()


@pytest.fixture
def group() -> Iterator[ThreeServers]:
    group = ThreeServers()
    yield group
    group.end(0, 1, 2)


def ask(connection: Connection) -> int:
    return int(connection.send(connection.prepare("GET", "/")).body)


def refuses(session: OneRequest) -> bool:
    try:
        return session.send(session.prepare("GET", "/")).status == 503
    except ClientError:
        return True


@pytest.mark.parametrize("start", [start_own, pytest.param(start_haproxy, marks=needs_haproxy)])
def test_servers_take_turns_one_that_is_gone_is_passed_over_and_without_any_nobody_answers(
    start: Any, group: ThreeServers, tmp_path: Path
) -> None:
    with ExitStack() as cleanup:
        balancer = start(group.urls, tmp_path)
        cleanup.callback(balancer.stop)
        session = cleanup.enter_context(OneRequest(balancer.url))
        answers = [ask(session) for _ in range(6)]

        assert sorted(answers[:3]) == sorted(answers[3:]) == [0, 1, 2]
        assert list(balancer.given()) == [2, 2, 2]

        group.end(1)
        assert {ask(session) for _ in range(6)} == {0, 2}

        group.end(0, 2)
        assert eventually(lambda: refuses(session))


@needs_haproxy
def test_haproxy_is_taken_where_it_is_installed(group: ThreeServers, tmp_path: Path) -> None:
    balancer = start_balancer(group.urls, tmp_path)
    balancer.stop()

    assert isinstance(balancer, HAProxy)


def test_without_haproxy_ours_is_taken_where_a_connection_stays_with_one_server(
    group: ThreeServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.stack.balancer.has_haproxy", lambda: False)
    balancer = start_balancer(group.urls, tmp_path)
    with Connection(balancer.url) as session:
        answers = {ask(session) for _ in range(4)}
    balancer.stop()

    assert balancer.product == "a TCP proxy that takes turns"
    assert len(answers) == 1
