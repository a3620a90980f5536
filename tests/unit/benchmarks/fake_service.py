"""A todo service over the fake servers, and what it can be made to do wrong."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from benchmarks.scenarios.actions import PASSWORD
from benchmarks.stack.dataset import Document
from tests.unit.benchmarks.fake_servers import FakeMongo, Keys

Answer = tuple[int, Any, dict[str, str]]
_NOBODY: Answer = (401, {"detail": "Token revoked"}, {})
_NOTHING: Answer = (404, {"detail": "Not found"}, {})
_DONE: Answer = (200, {"msg": "done"}, {})


@dataclass
class ServiceFaults:
    """What the fake service does wrong."""

    status: Callable[[int], int] = lambda _: 200  # by number of the read, over all services
    cached_body: Callable[[bytes], bytes] = lambda body: body
    never_caches: bool = False
    never_invalidates: bool = False
    deaf_to_delay: bool = False
    slow_s: float = 0.001
    login_status: int = 200
    interrupt_after: int | None = None


class FakeService:
    """The todo service as far as it is measured; a list makes two finds unless it hits.

    One request at a time changes or reads what is stored, so nobody can see anything old, unless
    a fault makes it so.
    """

    def __init__(
        self,
        mongo: FakeMongo,
        database: str,
        keys: Keys | None,
        faults: ServiceFaults,
        spend: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._mongo = mongo
        self._collections = mongo.get_database(database)
        self._users = self._collections["users"].documents
        self._todos = self._collections["todos"].documents
        self._spend = spend
        self._keys = keys
        self._faults = faults
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}
        self._given: set[str] = set()
        self._ids = count(1)
        self.reads = 0
        self.dropped = 0  # lists that were in the cache when a write came

    def answer(self, method: str, path: str, token: str, body: Any) -> Answer:
        """Return the status, the body and the headers of an answer."""
        route = (method, path)
        if route == ("GET", "/todo/"):
            time.sleep(self._faults.slow_s)
        with self._lock:
            if route == ("POST", "/auth/login"):
                return self._log_in(**body)
            if route == ("POST", "/auth/register"):
                self._users.append({"_id": f"user {next(self._ids)}"} | body)
                return 201, {}, {}
            email = self._tokens.get(token)
            users = [user for user in self._users if user["email"] == email]
            return self._act(method, path, token, users[0], body) if users else _NOBODY

    def _log_in(self, *, email: str, password: str) -> Answer:
        good = password == PASSWORD and any(user["email"] == email for user in self._users)
        # A revoked token must never be given out again.
        token = f"{email}#{next(self._ids)}" if email in self._given else email
        self._given.add(token)
        self._tokens[token] = email
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3600}
        return (self._faults.login_status if good else 401), answer, {}

    def _act(self, method: str, path: str, token: str, user: Document, body: Any) -> Answer:
        if path == "/auth/logout":
            del self._tokens[token]
            return _DONE
        if path == "/auth/me":
            user.update(body or {})
            return 200, {"name": user["name"]}, {}
        if method == "GET" and path == "/todo/":
            return self._list(user)
        if method != "GET" and self._keys is not None and not self._faults.never_invalidates:
            self.dropped += self._keys.pop(user["email"], None) is not None
        if method == "POST":
            todo = {"_id": f"{next(self._ids):024x}", "user_id": user["_id"], "rev": 1}
            self._todos.append(todo)
            return 201, {"id": todo["_id"], "rev": 1}, {}
        return self._one(method, path.removeprefix("/todo/"), user)

    def _one(self, method: str, todo_id: str, user: Document) -> Answer:
        found = [todo for todo in self._of(user) if str(todo["_id"]) == todo_id]
        if not found:
            return _NOTHING
        [todo] = found
        if method == "DELETE":
            self._todos.remove(todo)
            return _DONE
        if method == "PUT":
            todo["rev"] += 1
            return 200, {"msg": "done"}, {"ETag": f'"{todo["rev"]}"', **self._timing(finds=1)}
        return 200, {"id": todo_id, "rev": todo["rev"]}, {}

    def _list(self, user: Document) -> Answer:
        self.reads += 1
        body, outcome, finds = self._from_database(user), "fwd=bypass; detail=off", 2
        if self._keys is not None:
            kept = self._keys.look_up(user["email"])
            if kept is not None and not self._faults.never_caches:
                body, outcome, finds = self._faults.cached_body(kept), "hit", 0
            else:
                self._keys[user["email"]] = body
                outcome = "fwd=miss"
        if finds:
            for name in ("users", "todos"):
                self._collections[name].finds += 1
        headers = {"Cache-Status": f"todos; {outcome}, user; {outcome}", **self._timing(finds)}
        return self._faults.status(self.reads), body, headers

    def _timing(self, finds: int) -> dict[str, str]:
        delay_ms = 0 if self._faults.deaf_to_delay else self._mongo.delay_ms
        # Both finds of a read wait at the same time. Nobody sleeps: time is what the fakes says.
        db_ms = finds * 0.5 + (delay_ms if finds else 0)
        self._spend(1.0 + db_ms)
        return {"Server-Timing": f"cache;dur=0.1, db;dur={db_ms:.3f}, app;dur=0.5"}

    def _of(self, user: Document) -> list[Document]:
        return [todo for todo in self._todos if todo["user_id"] == user["_id"]]

    def _from_database(self, user: Document) -> bytes:
        todos = [{"id": str(todo["_id"]), "rev": todo["rev"]} for todo in self._of(user)]
        return json.dumps(todos).encode()


class FakeCeiling:
    """An endpoint that knows nobody and answers every read alike."""

    def __init__(self, spend: Callable[[float], None]) -> None:
        self._spend = spend

    def answer(self, method: str, path: str, _token: str, _body: Any) -> Answer:
        """Return a token or the fixed bytes; there is nothing else."""
        if path == "/auth/login":
            return 200, {"access_token": "static"}, {}
        if (method, path) == ("GET", "/todo/"):
            self._spend(0.5)
            return 200, b"fixed bytes", {}
        return _NOTHING
