"""Simulated users have accounts: logged in once, from addresses of their own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmarks.load.account_pool import TODOS, AccountPool, IdPool, SetUpFailed
from benchmarks.measure.client import ClientError, Connection, Response
from benchmarks.scenarios.actions import complete_first, email_of

URL, EMAIL = "http://service.test", email_of(3)
MADE = tuple(f"id{number}" for number in range(TODOS))
GONE = 0


@dataclass
class AccountService(Connection):
    """The routes that a pool needs, in memory; it takes the place of a connection to them."""

    accounts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    failed_logins: int = 0
    empty_looks: int = 0

    def __post_init__(self) -> None:
        super().__init__(URL)

    def send(self, request: bytes) -> Response:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ") for line in lines)
        self.asked.append((path, headers["X-Forwarded-For"]))
        status, answer = self._answer(method, path, headers, json.loads(body) if body else {})
        if status == GONE:
            raise ClientError(f"{URL}: gone")
        return Response(status, {}, json.dumps(answer).encode(), 0, 0)

    def _answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        if self.refusals:
            return self.refusals.pop(0), {"detail": "no"}
        if path == "/auth/register":
            taken = body["email"] in self.accounts
            self.accounts.setdefault(body["email"], [])
            return (409 if taken else 201), {}
        if path == "/auth/login":
            known = body["email"] in self.accounts
            self.failed_logins += not known
            return (200 if known else 401), {"access_token": body["email"], "expires_in": 100}
        todos = self.accounts[headers["Authorization"].removeprefix("Bearer ")]
        if method == "POST":
            if headers["Idempotency-Key"] not in self.keys:
                todos.append(f"id{len(todos)}")
            self.keys.add(headers["Idempotency-Key"])
            return 201, {}
        self.empty_looks -= 1
        return 200, [] if self.empty_looks >= 0 else [{"id": one} for one in todos]

    def asked_for(self, path: str) -> list[str]:
        return [address for asked, address in self.asked if asked == path]


@pytest.fixture(name="service")
def _service() -> Iterator[AccountService]:
    with AccountService() as service:
        yield service


def pool_of(
    service: AccountService, *, now: list[float] | None = None, slept: list[float] | None = None
) -> AccountPool:
    return AccountPool(
        URL,
        connect=lambda _: service,
        clock_s=lambda: (now or [0.0])[0],
        sleep=(slept if slept is not None else []).append,
    )


@pytest.mark.parametrize(
    ("accounts", "ids"),
    [({}, MADE), ({EMAIL: ["mine"]}, ("mine",)), ({EMAIL: []}, MADE)],
    ids=["unknown", "known", "known without todos"],
)
def test_an_account_is_registered_where_it_is_unknown_and_has_todos_to_change(
    service: AccountService, accounts: dict[str, list[str]], ids: tuple[str, ...]
) -> None:
    service.accounts = {email: [*todos] for email, todos in accounts.items()}

    member = pool_of(service).member(3)

    assert (member.email, member.todo_ids) == (EMAIL, ids)
    assert member.headers["Authorization"] == f"Bearer {EMAIL}"
    assert complete_first(member).method == "PUT"


def test_processes_that_meet_at_a_new_account_make_one_with_the_same_todos_and_no_login_fails(
    service: AccountService,
) -> None:
    pool_of(service).member(3)
    service.empty_looks = 1
    members = [pool_of(service).member(3) for _ in range(7)]

    assert service.accounts == {EMAIL: [*MADE]}
    assert {member.todo_ids for member in members} == {MADE}
    # Failed logins would lock the account from every address.
    assert service.failed_logins == 0


def test_an_account_logs_in_once_and_again_before_its_token_ends(service: AccountService) -> None:
    now = [0.0]
    pool = pool_of(service, now=now)
    logins = []
    for now[0] in (0.0, 79.0, 81.0):
        known = pool.knows(3)
        pool.member(3)
        logins.append((known, len(service.asked_for("/auth/login"))))

    assert logins == [(False, 1), (True, 1), (False, 2)]


@pytest.mark.parametrize("refusal", [429, 503])
def test_a_service_that_is_busy_is_asked_again_from_elsewhere_because_each_attempt_counts(
    service: AccountService, refusal: int
) -> None:
    slept: list[float] = []
    service.refusals += [refusal] * 6

    pool_of(service, slept=slept).member(1)

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
        ([GONE], r"POST /auth/register: http://service\.test: gone"),
    ],
)
def test_a_refusal_is_described_with_the_request_and_the_answer(
    service: AccountService, refusals: list[int], words: str
) -> None:
    service.refusals += refusals

    with pytest.raises(SetUpFailed, match=words):
        pool_of(service).member(1)


def test_what_nobody_records_has_to_succeed(service: AccountService) -> None:
    pool = pool_of(service)
    member = pool.member(1)
    service.refusals.append(404)

    with pytest.raises(SetUpFailed, match="answered 404"):
        pool.send(complete_first, member)


def test_numbers_count_up_and_those_given_back_are_used_first() -> None:
    ids = IdPool()

    assert [ids.take() for _ in range(4)] == [0, 1, 2, 3]
    for number in (2, 0):
        ids.give_back(number)
    assert {ids.take() for _ in range(3)} == {0, 2, 4}
