"""Clients that collide: many threads, few users, every request to a random service process."""

import itertools
import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TypedDict, Unpack

from benchmarks.coherence.verify.history import (
    FIRST_SERVER_ERROR,
    NO_ANSWER,
    UNAUTHORIZED,
    OperationKind,
    Outcome,
    RecordedOperation,
)
from benchmarks.coherence.verify.users import PASSWORD, Token, User, pick, request
from benchmarks.measure.client import ClientError, Connection, Response
from benchmarks.measure.headers import outcome_of
from benchmarks.stack.errors import StackError

_CREATED, _OK = 201, 200
_FEW, _MANY = 5, 12
_PAUSE_WITHOUT_ANSWER_S = 0.05
_LOGIN_ATTEMPTS = 200
_MIX: tuple[tuple[str, float], ...] = (
    ("list", 62), ("one", 18), ("profile", 14), ("replay", 3),
    ("update", 1.5), ("create", 0.5), ("delete", 0.5), ("rename", 1.5), ("logout", 0.1),
)  # fmt: skip
ACTIONS = tuple(action for action, _ in _MIX)
"""What a client can be told to do."""
_WEIGHTS = list(itertools.accumulate(weight for _, weight in _MIX))


class _About(TypedDict, total=False):
    todo: str
    body: object
    token: Token
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the clients work on: the service processes, how they are reached, and who they are.

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
        except Exception as error:  # noqa: BLE001 - told by whoever ends the clients
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
        self._do(OperationKind.LIST, "/todo/")

    def _one(self) -> None:
        todo = pick(self._rng, self._user.todos)
        self._do(OperationKind.ONE, f"/todo/{todo}", todo=todo)

    def _profile(self) -> None:
        self._do(OperationKind.PROFILE, "/auth/me")

    def _replay(self) -> None:
        if self._user.revoked:
            token = self._rng.choice(tuple(self._user.revoked))
            kind, path = self._rng.choice(
                [(OperationKind.LIST, "/todo/"), (OperationKind.PROFILE, "/auth/me")]
            )
            self._do(kind, path, token=token)

    def _create(self) -> None:
        self._do(
            OperationKind.CREATE, "/todo/", body={"heading": "verify", "task": "keep me fresh"}
        )
        self._list()

    def _update(self) -> None:
        todo = pick(self._rng, self._user.todos)
        body = {"completed": self._rng.random() < 0.5}  # noqa: PLR2004 - either
        self._do(OperationKind.UPDATE, f"/todo/{todo}", todo=todo, body=body)
        self._list()

    def _delete(self) -> None:
        todo = pick(self._rng, self._user.todos)
        self._do(OperationKind.DELETE, f"/todo/{todo}", todo=todo)
        self._list()

    def _rename(self) -> None:
        counter = next(self._user.renames)
        body = {"name": self._user.name(counter)}
        self._do(OperationKind.RENAME, "/auth/me", body=body, number=counter)
        self._profile()

    def _logout(self) -> None:
        old = self._token
        self._do(OperationKind.LOGOUT, "/auth/logout")
        self._do(OperationKind.PROFILE, "/auth/me", token=old)
        self._user.revoked.append(old)
        self.log_in()

    def _do(self, kind: OperationKind, path: str, **about: Unpack[_About]) -> None:
        """Send one request to one of the processes and note what came of it."""
        token = about.get("token", self._token)
        method = kind.partition(" ")[0]
        sent = request(method, path, token=token.text, body=about.get("body"))
        worker = self._rng.randrange(len(self._connections))
        started_ns = perf_counter_ns()
        try:
            response = self._connections[worker].send(sent)
        except ClientError:
            response = Response(NO_ANSWER, {}, b"", started_ns, perf_counter_ns() - started_ns)
        operation = self._noted(kind, response, token, about, worker)
        self.operations.append(operation)
        if response.status == UNAUTHORIZED and token is self._token:
            self.log_in()
        pause_s = _PAUSE_WITHOUT_ANSWER_S if response.status == NO_ANSWER else self._pause_s
        if pause_s:
            self._ending.wait(pause_s)

    def _noted(
        self, kind: OperationKind, response: Response, token: Token, about: _About, worker: int
    ) -> RecordedOperation:
        status, body, user = response.status, response.body, self._user
        done = status in {_OK, _CREATED}
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
            outcome=_outcome(status, done=done),
            status=status,
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
        raise StackError("the service lets nobody log in; look into its logs")


def _outcome(status: int, *, done: bool) -> Outcome:
    if done:
        return Outcome.OK
    refused = NO_ANSWER < status < FIRST_SERVER_ERROR
    return Outcome.FAILED if refused else Outcome.UNKNOWN


def register(users: Sequence[User], url: str) -> None:
    """Create the accounts; raises ``StackError``."""
    with Connection(url) as connection:
        for user in users:
            account = {"name": user.name(0), "email": user.email, "password": PASSWORD}
            response = connection.send(request("POST", "/auth/register", body=account))
            if response.status != _CREATED:
                raise StackError(f"the service registers nobody: {response.body.decode()}")


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
