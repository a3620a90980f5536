"""A caller of a running service, so that tests read as stories."""

import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx2

from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process, launch, probe_http

PASSWORD = "correct horse battery"


def somebody_new() -> dict[str, str]:
    """Return what somebody registers with; nobody has that e-mail yet."""
    return {
        "name": "Ann",
        "email": f"ann-{uuid.uuid4().hex[:12]}@example.org",
        "password": PASSWORD,
    }


@dataclass
class Api:
    """Calls one service; after ``log_in`` with the token. Use it in a ``with`` block."""

    url: str
    token: str = ""
    http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        # Reading the certificates of the world takes longer than most of what is asked then.
        self.http = httpx2.Client(base_url=self.url, timeout=60.0, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> httpx2.Response:
        """Send one request; ``if_match="x"`` becomes the header ``if-match: x``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        return self.http.request(method, path, json=json, headers=sent)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Read."""
        return self.call("GET", path, **headers)

    def post(self, path: str, json: Any = None, **headers: str) -> httpx2.Response:
        """Create, or act."""
        return self.call("POST", path, json, **headers)

    def register(self, person: dict[str, str]) -> httpx2.Response:
        """Create an account."""
        return self.post("/auth/register", person)

    def log_in(self, person: dict[str, str]) -> httpx2.Response:
        """Exchange e-mail and password for a token, and use it from now on if there is one."""
        attempt = {"email": person["email"], "password": person["password"]}
        answer = self.post("/auth/login", attempt)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def sign_up(self) -> dict[str, str]:
        """Register a new user and log in."""
        person = somebody_new()
        registered = self.register(person)
        assert registered.status_code == 201, registered.text
        logged_in = self.log_in(person)
        assert logged_in.status_code == 200, logged_in.text
        return person

    def headings(self) -> list[str]:
        """Return the headings of the todo list."""
        answer = self.get("/todo/")
        assert answer.status_code == 200, answer.text
        return [todo["heading"] for todo in answer.json()]


def sign_up(url: str) -> str:
    """Register a new user at the service of this URL, log in, and return the token."""
    with Api(url) as api:
        api.sign_up()
        return api.token


@contextmanager
def unready_service(settings: Mapping[str, str], log: Path) -> Iterator[tuple[Process, Api]]:
    """Run a service with this environment and wait until it answers at all."""
    process, port = launch(
        "service",
        arguments=lambda port: [sys.executable, "-m", "service", "--port", str(port)],
        probe=probe_http("/healthz", "/healthz"),
        log=log,
        env=settings,
    )
    with process, Api(f"http://{HOST}:{port}") as api:
        yield process, api
