"""What is asked and answered, in names that mean the same on every side, such as ``todo 3``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure.client import Connection, Response

AS_TOLD = "as first told"
"""What stands for a time that is the one told before, or told for the first time."""
_STAMPS = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A request; ``{todo}`` in the path, or ``{TODO}`` for the same in upper case, is the todo."""

    method: str
    path: str
    token: str = ""
    todo: str = ""
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    makes: str = ""
    """The name of what the answer brings into the world, if all goes well."""

    def __str__(self) -> str:
        about = [self.token, self.todo, *self.headers.values(), "" if not self.body else self.body]
        said = ", ".join(str(part) for part in about if part)
        return f"{self.method} {self.path} ({said})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswer:
    """An answer as far as it must be the same on every side."""

    status: int
    body: object
    etag: str = ""
    challenge: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.body} {self.etag}".rstrip()


class Side:
    """One deployment: what its real ids and tokens are called, and what times it has told."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._stamps: dict[tuple[object, ...], str] = {}

    def ask(self, call: MadeCall, connection: Connection) -> tuple[CallAnswer, Response]:
        """Send the request; return the answer in common names, and as it came."""
        real = self._real.get(call.todo, call.todo)
        payload = b"" if call.body is None else json.dumps(call.body).encode()
        headers = dict(call.headers)
        if call.token:
            headers["Authorization"] = f"Bearer {self._real.get(call.token, call.token)}"
        if payload:
            headers["Content-Type"] = "application/json"
        path = call.path.format(todo=real, TODO=real.upper())
        sent = connection.prepare(call.method, path, headers=headers, body=payload)
        response = connection.send(sent)
        return self.understand(call, response), response

    def understand(self, call: MadeCall, response: Response) -> CallAnswer:
        """Return the answer in common names; learn the name of what it made."""
        body = json.loads(response.body)
        if call.makes and isinstance(body, dict):
            self._learn(call.makes, str(body.get("id") or body.get("access_token")))
        return CallAnswer(
            status=response.status,
            body=self._named(body),
            etag=response.headers.get("etag", ""),
            challenge=response.headers.get("www-authenticate", ""),
        )

    def _learn(self, name: str, real: str) -> None:
        if real not in self._names:
            self._real[name], self._names[real] = real, name

    def _named(self, body: Any) -> object:
        if isinstance(body, list):
            return [self._named(todo) for todo in body]
        if not isinstance(body, dict):
            return body
        named = {key: self._names.get(str(value), value) for key, value in body.items()}
        for stamp in set(_STAMPS) & set(body):
            told = body[stamp]
            about = (body["id"], stamp, body.get("rev") if stamp == "updated_at" else None)
            first = self._stamps.setdefault(about, told)
            named[stamp] = AS_TOLD if told == first else f"{told}, and before {first}"
        return named
