"""A todo service over the fake servers, and what it can be made to do wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.dataset import PASSWORD
from tests.unit.benchmarks.fake_servers import FakeMongo


@dataclass
class Faults:
    """What the fake service does wrong."""

    status: Callable[[int], int] = lambda _: 200  # by number of the read, over all services
    cached_body: Callable[[bytes], bytes] = lambda body: body
    never_caches: bool = False
    deaf_to_delay: bool = False
    login_status: int = 200
    interrupt_after: int | None = None


class FakeService:
    """The todo service as far as it is measured; a read makes two finds unless it hits."""

    def __init__(
        self, mongo: FakeMongo, database: str, keys: dict[str, bytes] | None, faults: Faults
    ) -> None:
        self._mongo = mongo
        self._database = mongo.get_database(database)
        self._keys = keys
        self._faults = faults
        self.reads = 0

    def log_in(self, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        known = {user["email"] for user in self._database["users"].documents}
        good = asked["email"] in known and asked["password"] == PASSWORD
        answer = {"access_token": asked["email"], "token_type": "bearer", "expires_in": 3600}
        return (self._faults.login_status if good else 401), json.dumps(answer).encode()

    def read(self, token: str) -> tuple[bytes, str, float]:
        """Return the body, its outcome for Cache-Status, and the database time in ms."""
        self.reads += 1
        if self._keys is None:
            return self._from_database(token), "fwd=bypass; detail=off", self._find_twice()
        if token in self._keys and not self._faults.never_caches:
            return self._faults.cached_body(self._keys[token]), "hit", 0.0
        self._keys[token] = self._from_database(token)
        return self._keys[token], "fwd=miss", self._find_twice()

    def _from_database(self, token: str) -> bytes:
        [owner] = (u["_id"] for u in self._database["users"].documents if u["email"] == token)
        todos = [t for t in self._database["todos"].documents if t["user_id"] == owner]
        return json.dumps(todos, default=str).encode()

    def _find_twice(self) -> float:
        delay_ms = 0 if self._faults.deaf_to_delay else self._mongo.delay_ms
        # The delay is only told, not waited for: the tests shall be fast.
        time.sleep(0.001)
        return 1.0 + 2 * delay_ms


def handler_for(service: FakeService, faults: Faults) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            status, body = service.log_in(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(status, body, {})

        def do_GET(self) -> None:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            body, outcome, db_ms = service.read(token)
            headers = {
                "Cache-Status": f"todos; {outcome}, user; {outcome}",
                "Server-Timing": f"cache;dur=0.1, db;dur={db_ms:.3f}, app;dur=0.5",
            }
            self._answer(faults.status(service.reads), body, headers)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@dataclass(frozen=True)
class Running:
    url: str


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[Running]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
