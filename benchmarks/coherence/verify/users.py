"""What the clients of one user share: its todos, its tokens, and how to ask for them."""

import itertools
import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Return one of the ids, or one that nobody has."""
    return rng.choice(todos) if todos else "0" * 24
