"""The accounts of simulated users at one target, and the numbers by which users get theirs."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.measure.client import ClientError, Connection, Response
from benchmarks.scenarios.actions import PASSWORD, email_of, log_in, with_token
from benchmarks.scenarios.base import Action, Ask, Member

TODOS = 5

_JSON = {"Content-Type": "application/json"}
_OK, _CREATED, _TAKEN, _TOO_MANY, _BUSY = 200, 201, 409, 429, 503
_ATTEMPTS, _PAUSE_S = 30, 0.5
_RENEWED_SHARE = 0.8
_AN_HOUR_S = 3600

Connect = Callable[[str], Connection]


class SetUpFailed(Exception):
    """A simulated user cannot begin; the message names the target, the request and the answer."""


def unused_address() -> str:
    """Return an address in 10.0.0.0/8, another one each time.

    It is drawn, so that processes that know nothing of each other do not use the same ones.
    """
    number = secrets.randbelow(1 << 24)
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


class IdPool:
    """Numbers from 0; a user that leaves returns its number, which the next one gets."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._taken = 0

    def take(self) -> int:
        """Return a number that is free."""
        if self._free:
            return self._free.pop()
        self._taken += 1
        return self._taken - 1

    def give_back(self, number: int) -> None:
        """Make a number free again."""
        self._free.append(number)


@dataclass(frozen=True, slots=True)
class _Known:
    member: Member
    renew_at_s: float


class AccountPool:
    """The accounts of one target. Each is logged in when first needed, and before its token ends.

    The target has to believe the ``X-Forwarded-For`` that it is sent, because it limits logins and
    registrations by address.
    """

    def __init__(
        self,
        url: str,
        *,
        connect: Connect = Connection,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._connect = connect
        self._clock_s = clock_s
        self._sleep = sleep
        self._known: dict[int, _Known] = {}

    def knows(self, number: int) -> bool:
        """Tell whether the account is logged in for some time to come."""
        known = self._known.get(number)
        return known is not None and self._clock_s() < known.renew_at_s

    def member(self, number: int) -> Member:
        """Return the account, registered and logged in. Raises ``SetUpFailed``."""
        if not self.knows(number):
            self._known[number] = self._sign_in(number)
        return self._known[number].member

    def send(self, action: Action, member: Member) -> None:
        """Do what nobody records; raises ``SetUpFailed``."""
        with self._connect(self._url) as connection:
            self._ask(connection, action(member), member, {_OK, _CREATED})

    def _sign_in(self, number: int) -> _Known:
        entering = Member(number=number, email=email_of(number))
        with self._connect(self._url) as connection:
            # In this order, because logins that fail count against the account, from any address:
            # many users that begin with the same unknown one would lock each other out.
            self._ask(connection, _register(entering), entering, {_CREATED, _TAKEN})
            answer = self._ask(connection, log_in(entering), entering, {_OK})
            member = with_token(entering, answer.body)
            member = replace(member, todo_ids=self._todo_ids(connection, member))
        lasts_s = _RENEWED_SHARE * float(json.loads(answer.body).get("expires_in", _AN_HOUR_S))
        return _Known(member, self._clock_s() + lasts_s)

    def _todo_ids(self, connection: Connection, member: Member) -> tuple[str, ...]:
        """Return the ids of the account's todos, after creating some where there are none."""
        read = Ask("GET", "/todo/")
        todos = json.loads(self._ask(connection, read, member, {_OK}).body)
        if not todos:
            for number in range(TODOS):
                self._ask(connection, _todo(number), member, {_CREATED})
            todos = json.loads(self._ask(connection, read, member, {_OK}).body)
        return tuple(todo["id"] for todo in todos)

    def _ask(
        self, connection: Connection, ask: Ask, member: Member, expected: set[int]
    ) -> Response:
        """Ask until the answer is expected, each time from another address.

        A set-up of many accounts, again and again, must not run into a limit by address; an
        attempt that was answered "busy" counts, too.
        """
        for attempt in range(_ATTEMPTS):
            headers = {"X-Forwarded-For": unused_address(), **member.headers, **ask.headers}
            try:
                answer = connection.send(
                    connection.prepare(ask.method, ask.path, headers=headers, body=ask.body)
                )
            except ClientError as error:
                raise SetUpFailed(f"{ask.method} {ask.path}: {error}") from error
            if answer.status in expected:
                return answer
            # Many logins at a time are more than a service wants to hash, or to see of one account.
            if answer.status not in {_BUSY, _TOO_MANY} or attempt == _ATTEMPTS - 1:
                break
            self._sleep(_PAUSE_S)
        raise SetUpFailed(_refusal(self._url, ask, answer))


def _refusal(url: str, ask: Ask, answer: Response) -> str:
    said = answer.body[:100].decode(errors="replace")
    message = f"{url}: {ask.method} {ask.path} answered {answer.status} {said}"
    if answer.status == _TOO_MANY:
        message += (
            " (each login comes from another address; does the service trust this machine "
            "as a proxy, TRUSTED_PROXIES=127.0.0.1?)"
        )
    return message


def _register(member: Member) -> Ask:
    body = {"name": f"User {member.number:05d}", "email": member.email, "password": PASSWORD}
    return _post("/auth/register", body)


def _todo(number: int) -> Ask:
    # The key makes it one todo, also if several processes find the list empty at the same time:
    # lists of other lengths would make one variant slower.
    ask = _post("/todo/", {"heading": f"Todo {number}", "task": "something to be done"})
    return replace(ask, headers={**ask.headers, "Idempotency-Key": f"load-{number}"})


def _post(path: str, body: Mapping[str, Any]) -> Ask:
    return Ask("POST", path, json.dumps(body).encode(), _JSON)
