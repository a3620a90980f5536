"""Who calls the service while it is being broken, and what is wrong with the answers."""

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.measure.client import ClientError, Connection
from tests.waiting import until

PASSWORD = "correct horse battery"
NO_ANSWER = 0
PATIENCE_S = 15.0


@dataclass(frozen=True)
class CallerAnswer:
    """What came back; ``began`` and ``ended`` are seconds of ``perf_counter``."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    began: float
    ended: float

    @property
    def took_s(self) -> float:
        return self.ended - self.began

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
    began = perf_counter()
    try:
        got = connection.send(asking)
    except ClientError as error:
        return CallerAnswer(NO_ANSWER, {}, str(error).encode(), began, perf_counter())
    return CallerAnswer(got.status, got.headers, got.body, began, perf_counter())


@dataclass(frozen=True)
class CallingPerson:
    """Somebody who is logged in; ``todo_ids`` are those of ``has_todo``."""

    user_id: str
    token: str
    todo_ids: list[str] = field(default_factory=list)

    def call(
        self, url: str, method: str, path: str, body: object = None, *, key: str = ""
    ) -> CallerAnswer:
        """Send one request with the token, and with an ``Idempotency-Key`` if there is one."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return call(
            url,
            method,
            path,
            body,
            headers=headers | ({"Idempotency-Key": key} if key else {}),
        )

    def read(self, url: str) -> CallerAnswer:
        return self.call(url, "GET", "/todo/")

    def add(self, url: str, heading: str, *, key: str = "") -> CallerAnswer:
        return self.call(url, "POST", "/todo/", {"heading": heading, "task": ""}, key=key)

    def rename(self, url: str, heading: str) -> CallerAnswer:
        return self.call(url, "PUT", f"/todo/{self.todo_ids[0]}", {"heading": heading})

    def has_todo(self, url: str, heading: str) -> None:
        """Create a todo that the test takes for granted."""
        answer = self.add(url, heading)
        assert answer.status == 201, answer
        self.todo_ids.append(str(json.loads(answer.body)["id"]))

    def reads_hit(self, url: str) -> CallerAnswer:
        until(lambda: (read := self.read(url)).status == 200 and read.is_hit, "a hit")
        return self.read(url)


def sign_up(url: str) -> CallingPerson:
    """Register somebody new and log in."""
    who = {"email": f"ann-{uuid.uuid4().hex[:12]}@example.org", "password": PASSWORD}
    registered = call(url, "POST", "/auth/register", {"name": "Ann", **who})
    assert registered.status == 201, registered
    logged_in = call(url, "POST", "/auth/login", who)
    assert logged_in.status == 200, logged_in
    token = json.loads(logged_in.body)["access_token"]
    return CallingPerson(json.loads(registered.body)["id"], token)


@contextmanager
def repeated(ask: Callable[[], CallerAnswer]) -> Iterator[list[CallerAnswer]]:
    """Ask again and again beside the test; the list holds what was answered so far."""
    answers: list[CallerAnswer] = []
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


def at_once(ask: Callable[[], CallerAnswer], count: int) -> list[CallerAnswer]:
    with ThreadPoolExecutor(count) as pool:
        return [asked.result() for asked in [pool.submit(ask) for _ in range(count)]]


def newest(answers: Sequence[CallerAnswer], *, since: float) -> int | None:
    """Return the status of the newest answer, if that was asked for after ``since``."""
    return answers[-1].status if answers and answers[-1].began > since else None


def shown(answers: Sequence[CallerAnswer]) -> list[str]:
    """Return the headings of the last todo list that was answered."""
    return [answer for answer in answers if answer.status == 200][-1].headings()


def last_is_hit(answers: Sequence[CallerAnswer], *, since: float) -> bool:
    """Tell whether the newest answer came from the cache, to somebody who asked after ``since``."""
    return bool(answers) and answers[-1].is_hit and answers[-1].began > since


def improper(answers: Iterable[CallerAnswer]) -> list[CallerAnswer]:
    """Return the server errors that are not a 503 with ``Retry-After``."""
    return [answer for answer in answers if answer.status >= 500 and not answer.refuses_properly]


def stale(answers: Iterable[CallerAnswer], heading: str, *, since: float) -> list[CallerAnswer]:
    """Return the lists without this heading among those asked for after ``since``."""
    return [
        answer
        for answer in answers
        if answer.status == 200 and answer.began > since and heading not in answer.headings()
    ]


def longest_s(answers: Sequence[CallerAnswer]) -> float:
    """Return the longest time that one of these took, in seconds."""
    return max((answer.took_s for answer in answers), default=0.0)


def seconds(value: float) -> str:
    """Return a time as the page shows it."""
    return f"{value:.2f} s"
