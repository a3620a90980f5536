"""Simulated users have accounts: logged in once, from addresses of their own."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.load.account_pool import (
    TODOS,
    AccountPool,
    Roaming,
    SetUpFailed,
    address_of,
    moved,
    stranger,
)
from benchmarks.measure.client import ClientError, Connection, Response
from benchmarks.scenarios.accounts import email_of
from benchmarks.scenarios.actions import complete_first

URL = "http://service.test"


@dataclass
class Service(Connection):
    """The routes that a crowd needs, in memory; it takes the place of a connection to them."""

    accounts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    gone: bool = False
    failed_logins: int = 0
    key: str = ""
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(URL)

    def send(self, request: bytes) -> Response:
        if self.gone:
            raise ClientError(f"{URL}: gone")
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ") for line in lines)
        self.asked.append((method, path, headers["X-Forwarded-For"]))
        self.key = headers.get("Idempotency-Key", "")
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        status, answer = self._answer(method, path, token, json.loads(body) if body else {})
        return Response(status, {}, json.dumps(answer).encode(), 0, 0)

    def _answer(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        if self.refusals:
            return self.refusals.pop(0), {"detail": "no"}
        if path == "/auth/register":
            taken = body["email"] in self.accounts
            self.accounts.setdefault(body["email"], [])
            return (409 if taken else 201), {}
        if path == "/auth/login":
            if body["email"] not in self.accounts:
                self.failed_logins += 1
                return 401, {}
            return 200, {"access_token": body["email"], "expires_in": 100}
        todos = self.accounts[token]
        if method == "POST":
            if self.key not in self.keys:
                todos.append(f"id{len(todos)}")
            self.keys.add(self.key)
            return 201, {}
        return 200, [{"id": one} for one in todos]

    def asked_for(self, path: str) -> list[str]:
        return [address for _, asked, address in self.asked if asked == path]


class _Empty(Connection):
    """Shows an empty list at first, as another process may have seen it."""

    def __init__(self, service: Service) -> None:
        super().__init__(URL)
        self._service = service
        self._first = True

    def send(self, request: bytes) -> Response:
        if self._first:
            self._first = False
            return Response(200, {}, b"[]", 0, 0)
        return self._service.send(request)


@pytest.fixture(name="service")
def _service() -> Iterator[Service]:
    with Service() as service:
        yield service


def _crowd(
    service: Service, *, now: list[float] | None = None, slept: list[float] | None = None
) -> AccountPool:
    return AccountPool(
        URL,
        roaming=Roaming(random.Random("addresses")),
        connect=lambda _: service,
        clock_s=lambda: (now or [0.0])[0],
        sleep=(slept if slept is not None else []).append,
    )


def test_an_unknown_account_is_registered_with_some_todos(service: Service) -> None:
    member = _crowd(service).member(3)

    assert member.email == email_of(3)
    assert member.todo_ids == tuple(f"id{number}" for number in range(TODOS))
    assert member.headers["Authorization"] == f"Bearer {email_of(3)}"


def test_processes_that_meet_at_a_new_account_make_one_with_the_same_todos(
    service: Service,
) -> None:
    first = _crowd(service).member(3)
    # The other one has found the list empty, too.
    _crowd(service)._todo_ids(_Empty(service), first)

    assert service.accounts[email_of(3)] == list(first.todo_ids)


def test_no_login_fails_because_failed_ones_lock_an_account_from_every_address(
    service: Service,
) -> None:
    for _ in range(8):
        _crowd(service).member(3)

    assert (service.failed_logins, len(service.accounts)) == (0, 1)


def test_a_known_account_is_logged_in_and_keeps_its_todos(service: Service) -> None:
    service.accounts[email_of(3)] = ["mine"]

    assert _crowd(service).member(3).todo_ids == ("mine",)


def test_an_account_without_todos_gets_some_because_a_change_needs_one(service: Service) -> None:
    service.accounts[email_of(3)] = []

    member = _crowd(service).member(3)

    assert complete_first(member).method == "PUT"


def test_an_account_logs_in_once_and_again_before_its_token_ends(service: Service) -> None:
    now = [0.0]
    crowd = _crowd(service, now=now)
    crowd.member(3)
    now[0] = 79.0
    crowd.member(3)
    once = len(service.asked_for("/auth/login"))
    now[0] = 81.0
    assert not crowd.knows(3)
    crowd.member(3)

    assert (once, len(service.asked_for("/auth/login"))) == (1, 2)


def test_every_account_has_an_address_and_no_two_logins_come_from_the_same(
    service: Service,
) -> None:
    crowd = _crowd(service)
    members = [crowd.member(number) for number in range(20)]

    own = [member.headers["X-Forwarded-For"] for member in members]
    assert own == [address_of(number) for number in range(20)]
    assert len({*own, *service.asked_for("/auth/register")}) == 40


def test_addresses_are_private_ones_and_roaming_meets_no_fixed_one() -> None:
    roaming = Roaming(random.Random(1))
    new = [roaming.next() for _ in range(500)]

    assert address_of(70_000) == "10.1.17.112"
    assert all(address.startswith("10.") for address in new)
    assert min(int(address.split(".")[1]) for address in new) >= 128


def test_somebody_who_moves_stays_who_they_are() -> None:
    member = moved(stranger(4), "10.200.0.1")

    assert member.headers == {"X-Forwarded-For": "10.200.0.1"}
    assert (member.number, member.email) == (4, email_of(4))


@pytest.mark.parametrize("refusal", [429, 503])
def test_a_service_that_is_busy_is_asked_again_from_elsewhere_because_each_attempt_counts(
    service: Service, refusal: int
) -> None:
    slept: list[float] = []
    service.refusals += [refusal] * 6

    _crowd(service, slept=slept).member(1)

    attempts = service.asked_for("/auth/register")
    assert len(slept) == 6
    assert len(set(attempts)) == len(attempts) == 7


@pytest.mark.parametrize(
    ("refusals", "words"),
    [
        ([503] * 30, "answered 503"),
        ([422], "POST /auth/register answered 422"),
        ([201, 500], "POST /auth/login answered 500"),
        ([429] * 30, "TRUSTED_PROXIES"),
    ],
)
def test_a_refusal_is_told_with_the_request_and_the_answer(
    service: Service, refusals: list[int], words: str
) -> None:
    service.refusals += refusals

    with pytest.raises(SetUpFailed, match=words):
        _crowd(service).member(1)


def test_a_service_that_is_gone_is_told_by_its_address(service: Service) -> None:
    service.gone = True

    with pytest.raises(SetUpFailed, match=r"POST /auth/register: http://service\.test: gone"):
        _crowd(service).member(1)


def test_what_is_done_quietly_has_to_succeed(service: Service) -> None:
    crowd = _crowd(service)
    member = crowd.member(1)
    service.refusals.append(404)

    with pytest.raises(SetUpFailed, match="answered 404"):
        crowd.send(crowd.connect(), complete_first, member)
