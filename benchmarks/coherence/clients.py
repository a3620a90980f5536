"""Clients that collide: many threads, few users, every request to a random service process."""

import itertools
import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import TypedDict, Unpack

from benchmarks.coherence.history import (
    NO_ANSWER,
    UNAUTHORIZED,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.measure.client import ClientError, Connection, Response, outcome_of
from benchmarks.stack.errors import StackError

PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that live for one run
_REMEMBERED_BODIES = 256
_REMEMBERED_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; the number names it in the history."""

    number: int
    text: str


@dataclass
class User:
    """One user, as all its clients know it."""

    number: int
    todos: tuple[str, ...] = ()
    """The ids of the newest list that any client got."""
    revoked: deque[Token] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_TOKENS))
    """Tokens that were logged out, to be tried again."""
    renames: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _bodies: dict[bytes, Mapping[str, int]] = field(default_factory=dict)

    @property
    def email(self) -> str:
        """Return the address that it logs in with."""
        return f"verify-{self.number}@example.com"

    def name(self, counter: int) -> str:
        """Return the name that carries a counter."""
        return f"user {self.number} name {counter}"

    def counter(self, body: bytes) -> int:
        """Return the counter in a profile, -1 if it is not this user's."""
        owner, _, counter = json.loads(body)["name"].rpartition(" ")
        return int(counter) if self.name(0) == f"{owner} 0" else -1

    def revisions(self, body: bytes) -> Mapping[str, int]:
        """Return the revision of each todo in a list; equal bodies are read once."""
        known = self._bodies.get(body)
        if known is None:
            known = {todo["id"]: todo["rev"] for todo in json.loads(body)}
            if len(self._bodies) >= _REMEMBERED_BODIES:
                self._bodies.clear()
            self._bodies[body] = known
        return known


def request(method: str, path: str, *, token: str = "", body: object = None) -> bytes:
    """Return the bytes of a request."""
    payload = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(payload)}"]
    if payload:
        lines.append("Content-Type: application/json")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + payload


def pick(rng: random.Random, todos: tuple[str, ...]) -> str:
    """Return one of the ids, or one that no todo has."""
    return rng.choice(todos) if todos else "0" * 24


class OneRequest(Connection):
    """Closes after each answer. A balancer of connections would else never let a session move."""

    def send(self, request: bytes) -> Response:
        """Send a prepared request on a connection of its own; raises ``ClientError``."""
        try:
            return super().send(request)
        finally:
            self.close()


_CREATED, _OK = 201, 200
_FEW, _MANY = 5, 12
_PAUSE_WITHOUT_ANSWER_S = 0.05
_LOGIN_ATTEMPTS = 200
_MIX: tuple[tuple[str, float], ...] = (
    ("list", 62), ("one", 18), ("profile", 14), ("replay", 3),
    ("update", 1.5), ("create", 0.5), ("delete", 0.5), ("rename", 1.5), ("logout", 0.1),
)  # fmt: skip
ACTIONS = tuple(action for action, _ in _MIX)
"""The operations of a client."""
_WEIGHTS = list(itertools.accumulate(weight for _, weight in _MIX))


class _About(TypedDict, total=False):
    todo: str
    body: object
    token: Token
    number: int
    worker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The targets of the clients: the service processes and their addresses, and the users.

    Each client waits ``pause_s`` after an answer; without a pause they take all the CPU there is.
    """

    urls: Sequence[str]
    users: Sequence[User]
    seed: int
    pause_s: float = 0.0
    connect: Callable[[str], Connection] = Connection


class Client:
    """One client, for a thread of its own; the first client of each user alone renames it."""

    def __init__(self, load: Load, number: int, tokens: Iterator[int]) -> None:
        self.operations: list[RecordedOperation] = []
        self.error: Exception | None = None
        self._user = load.users[number % len(load.users)]
        self._writes_name = number < len(load.users)
        self._connections = [load.connect(url) for url in load.urls]
        self._pause_s = load.pause_s
        self._rng = random.Random(f"client {load.seed} {number}")  # noqa: S311 - a plan, no secret
        self._tokens = tokens
        self._token = Token(0, "")
        self._ending = threading.Event()

    def run(self) -> None:
        """Log in, then do something at random until told to end."""
        try:
            self.log_in()
            while not self._ending.is_set():
                [action] = self._rng.choices(ACTIONS, cum_weights=_WEIGHTS)
                self.act(action)
        except Exception as error:  # noqa: BLE001 - told at the end of the clients
            self.error = error
        finally:
            self.close()

    def close(self) -> None:
        """Close its connections."""
        for connection in self._connections:
            connection.close()

    def end(self) -> None:
        """Have it stop after the request under way."""
        self._ending.set()

    def act(self, action: str) -> None:
        """Do one of ``ACTIONS``, or what comes closest to it with the todos and names there are."""
        if action == "create" and len(self._user.todos) >= _MANY:
            action = "delete"
        elif action == "delete" and len(self._user.todos) <= _FEW:
            action = "create"
        elif action == "rename" and not self._writes_name:
            action = "profile"
        act: Callable[[], None] = getattr(self, f"_{action}")
        act()

    def _list(self) -> None:
        self.do(OperationKind.LIST, "/todo/")

    def _one(self) -> None:
        todo = pick(self._rng, self._user.todos)
        self.do(OperationKind.ONE, f"/todo/{todo}", todo=todo)

    def _profile(self) -> None:
        self.do(OperationKind.PROFILE, "/auth/me")

    def _replay(self) -> None:
        if self._user.revoked:
            token = self._rng.choice(tuple(self._user.revoked))
            kind, path = self._rng.choice(
                [(OperationKind.LIST, "/todo/"), (OperationKind.PROFILE, "/auth/me")]
            )
            self.do(kind, path, token=token)

    def _create(self) -> None:
        self.do(OperationKind.CREATE, "/todo/", body={"heading": "verify", "task": "keep me fresh"})
        self._list()

    def _update(self) -> None:
        todo = pick(self._rng, self._user.todos)
        body = {"completed": self._rng.random() < 0.5}  # noqa: PLR2004 - either
        self.do(OperationKind.UPDATE, f"/todo/{todo}", todo=todo, body=body)
        self._list()

    def _delete(self) -> None:
        todo = pick(self._rng, self._user.todos)
        self.do(OperationKind.DELETE, f"/todo/{todo}", todo=todo)
        self._list()

    def _rename(self) -> None:
        counter = next(self._user.renames)
        body = {"name": self._user.name(counter)}
        self.do(OperationKind.RENAME, "/auth/me", body=body, number=counter)
        self._profile()

    def _logout(self) -> None:
        old = self._token
        self.do(OperationKind.LOGOUT, "/auth/logout")
        self.do(OperationKind.PROFILE, "/auth/me", token=old)
        self._user.revoked.append(old)
        self.log_in()

    def do(self, kind: OperationKind, path: str, **about: Unpack[_About]) -> RecordedOperation:
        """Send one request to one of the processes, and note and return what came of it."""
        token = about.get("token", self._token)
        method = kind.partition(" ")[0]
        sent = request(method, path, token=token.text, body=about.get("body"))
        worker = about.get("worker", self._rng.randrange(len(self._connections)))
        started_ns = perf_counter_ns()
        try:
            response = self._connections[worker].send(sent)
        except ClientError:
            response = Response(NO_ANSWER, {}, b"", started_ns, perf_counter_ns() - started_ns)
        operation = self._recorded(kind, response, token, about, worker)
        self.operations.append(operation)
        if response.status == UNAUTHORIZED and token is self._token:
            self.log_in()
        pause_s = _PAUSE_WITHOUT_ANSWER_S if response.status == NO_ANSWER else self._pause_s
        if pause_s:
            self._ending.wait(pause_s)
        return operation

    def _recorded(
        self, kind: OperationKind, response: Response, token: Token, about: _About, worker: int
    ) -> RecordedOperation:
        body, user = response.body, self._user
        done = Outcome.of(response.status) is Outcome.OK
        todo, number = about.get("todo", ""), about.get("number")
        revisions: Mapping[str, int] = {}
        if done and kind is OperationKind.LIST:
            revisions = user.revisions(body)
            user.todos = tuple(revisions)
        elif done and kind in {OperationKind.ONE, OperationKind.CREATE}:
            answer = json.loads(body)
            todo, number = answer["id"], answer["rev"]
        elif done and kind is OperationKind.UPDATE:
            number = int(response.headers["etag"].strip('"'))
        elif done and kind is OperationKind.PROFILE:
            number = user.counter(body)
        return RecordedOperation(
            kind=kind,
            user=user.number,
            invoked_ns=response.start_ns,
            returned_ns=response.start_ns + response.duration_ns,
            outcome=Outcome.of(response.status),
            status=response.status,
            token=token.number,
            todo=todo,
            number=number,
            revisions=revisions,
            worker=worker,
            hit=outcome_of(response.headers.get("cache-status")) == "hit",
        )

    def log_in(self) -> None:
        """Get a token; raises ``StackError`` when the login fails."""
        sent = request(
            "POST", "/auth/login", body={"email": self._user.email, "password": PASSWORD}
        )
        for _ in range(_LOGIN_ATTEMPTS):
            try:
                response = self._rng.choice(self._connections).send(sent)
            except ClientError:
                response = None
            if response is not None and response.status == _OK:
                text = json.loads(response.body)["access_token"]
                self._token = Token(next(self._tokens), text)
                return
            if self._ending.wait(_PAUSE_WITHOUT_ANSWER_S):
                return
        raise StackError("no user can log in to the service; look into its log")


def register(users: Sequence[User], url: str) -> None:
    """Create the accounts; raises ``StackError``."""
    with Connection(url) as connection:
        for user in users:
            account = {"name": user.name(0), "email": user.email, "password": PASSWORD}
            response = connection.send(request("POST", "/auth/register", body=account))
            if response.status != _CREATED:
                raise StackError(f"the service registers no user: {response.body.decode()}")


@contextmanager
def running_clients(load: Load, count: int) -> Iterator[Sequence[Client]]:
    """Run this many clients; raises what made one of them give up."""
    tokens = itertools.count(1)
    clients = [Client(load, number, tokens) for number in range(count)]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.end()
        for thread in threads:
            thread.join()
    for client in clients:
        if client.error is not None:
            raise client.error
