"""Who calls the service while it is being broken, and what is wrong with the answers."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, perf_counter_ns

from benchmarks.measure.client import NS_PER_S, ClientError, Connection, Response
from tests.waiting import until

PASSWORD = "correct horse battery"
NO_ANSWER = 0
PATIENCE_S = 15.0


class CallerAnswer(Response):
    """What came back; ``began`` and ``ended`` are seconds of ``perf_counter``."""

    @property
    def began(self) -> float:
        return self.start_ns / NS_PER_S

    @property
    def ended(self) -> float:
        return self.began + self.took_s

    @property
    def took_s(self) -> float:
        return self.duration_ns / NS_PER_S

    @property
    def is_hit(self) -> bool:
        return self.headers.get("cache-status", "").startswith("todos; hit")

    @property
    def refuses_properly(self) -> bool:
        """Whether it is the one server error that is allowed: 503 that says when to come back."""
        return self.status == 503 and "retry-after" in self.headers

    def headings(self) -> list[str]:
        assert self.status == 200, self
        return [todo["heading"] for todo in json.loads(self.body)]


class CallerAnswers(list[CallerAnswer]):
    """The answers so far to a caller that repeats its request."""

    @property
    def shown(self) -> list[str]:
        """Return the headings of the last todo list that was answered."""
        return next(answer for answer in reversed(self) if answer.status == 200).headings()

    @property
    def statuses(self) -> set[int]:
        return {answer.status for answer in self}

    @property
    def longest_s(self) -> float:
        return max((answer.took_s for answer in self), default=0.0)

    def newest(self, *, since: float) -> int | None:
        """Return the status of the newest answer, if that was asked for after ``since``."""
        return self[-1].status if self and self[-1].began > since else None

    def wait_for(self, status: int, *, since: float) -> None:
        """Return when the newest answer has this status and was asked for after ``since``."""
        until(lambda: self.newest(since=since) == status, f"answer {status}")

    def wait_for_hit(self, *, since: float) -> float:
        """Return after how long the newest answer, asked for after ``since``, was a hit."""
        return until(lambda: self.newest(since=since) is not None and self[-1].is_hit, "hit")

    def must_show(self, heading: str, *, since: float) -> None:
        """Fail for a list without this heading that was asked for after ``since``."""
        lists = [answer for answer in self if answer.status == 200 and answer.began > since]
        assert [answer for answer in lists if heading not in answer.headings()] == []

    def must_be_proper(self) -> None:
        """Fail for a server error that is not a 503 with ``Retry-After``."""
        errors = [answer for answer in self if answer.status >= 500]
        assert [answer for answer in errors if not answer.refuses_properly] == []


def call(
    url: str,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> CallerAnswer:
    """Send one request on a connection of its own; status 0 when there is no whole answer."""
    payload = b"" if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    with Connection(url, timeout_s=PATIENCE_S) as connection:
        return ask(connection, connection.prepare(method, path, headers=sent, body=payload))


def ask(connection: Connection, asking: bytes) -> CallerAnswer:
    """Send one request on a connection; status 0 when there is no whole answer."""
    began_ns = perf_counter_ns()
    try:
        got = connection.send(asking)
    except ClientError as error:
        took_ns = perf_counter_ns() - began_ns
        return CallerAnswer(NO_ANSWER, {}, str(error).encode(), began_ns, took_ns)
    return CallerAnswer(got.status, got.headers, got.body, got.start_ns, got.duration_ns)


@contextmanager
def repeated(ask: Callable[[], CallerAnswer]) -> Iterator[CallerAnswers]:
    """Ask again and again beside the test; the list holds what was answered so far."""
    answers = CallerAnswers()
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.02):
            answers.append(ask())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class CallingPerson:
    """A logged-in user of a service; ``todo_ids`` are those of ``has_todo``."""

    url: str
    user_id: str
    token: str
    todo_ids: list[str] = field(default_factory=list)

    def at(self, url: str) -> "CallingPerson":
        """Return the same person, who calls another service process."""
        return CallingPerson(url, self.user_id, self.token, self.todo_ids)

    def call(self, method: str, path: str, body: object = None, *, key: str = "") -> CallerAnswer:
        """Send one request with the token, and with an ``Idempotency-Key`` if there is one."""
        headers = {"Authorization": f"Bearer {self.token}"}
        headers |= {"Idempotency-Key": key} if key else {}
        return call(self.url, method, path, body, headers=headers)

    def read(self) -> CallerAnswer:
        return self.call("GET", "/todo/")

    @contextmanager
    def reading(self) -> Iterator[CallerAnswers]:
        """Read again and again beside the test; fails for an answer that is never right."""
        with repeated(self.read) as reads:
            yield reads
        reads.must_be_proper()

    def add(self, heading: str, *, key: str = "") -> CallerAnswer:
        return self.call("POST", "/todo/", {"heading": heading, "task": ""}, key=key)

    def add_at_last(self, heading: str, *, key: str) -> float:
        """Try with the same key until it is acknowledged, and return when that was."""
        until(lambda: self.add(heading, key=key).status == 201, "acknowledged retry")
        return perf_counter()

    def rename(self, heading: str) -> CallerAnswer:
        return self.call("PUT", f"/todo/{self.todo_ids[0]}", {"heading": heading})

    def has_todo(self, heading: str) -> None:
        """Create a todo that the test takes for granted."""
        answer = self.add(heading)
        assert answer.status == 201, answer
        self.todo_ids.append(str(json.loads(answer.body)["id"]))

    def reads_hit(self) -> CallerAnswer:
        until(lambda: (read := self.read()).status == 200 and read.is_hit, "a hit")
        return self.read()


def sign_up(url: str) -> CallingPerson:
    """Register a new user and log in."""
    who = {"email": f"ann-{uuid.uuid4().hex[:12]}@example.org", "password": PASSWORD}
    registered = call(url, "POST", "/auth/register", {"name": "Ann", **who})
    assert registered.status == 201, registered
    logged_in = call(url, "POST", "/auth/login", who)
    assert logged_in.status == 200, logged_in
    token = json.loads(logged_in.body)["access_token"]
    return CallingPerson(url, json.loads(registered.body)["id"], token)


def at_once(ask: Callable[[], CallerAnswer], count: int) -> CallerAnswers:
    with ThreadPoolExecutor(count) as pool:
        return CallerAnswers(asked.result() for asked in [pool.submit(ask) for _ in range(count)])


def seconds(value: float) -> str:
    """Return a time as the page shows it."""
    return f"{value:.2f} s"
