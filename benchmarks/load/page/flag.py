"""The flag of the Redis layer as a person at the page sees, flips and finds it marked."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure.client import ClientError, Connection

_TIMEOUT_S = 10.0
_OFF = {"off", "absent"}
_OK = 200
_NO_TARGET = "There is no cached service to switch: start Locust with --cached URL."
_NO_TOKEN = (
    "To flip the flag here, start Locust with FIVEFOLD_ADMIN_TOKEN set to the ADMIN_TOKEN that the "  # noqa: S105 - says where a token goes
    "cached service was started with."
)
_REFUSALS: Mapping[int, str] = {
    401: "The service refused the token: FIVEFOLD_ADMIN_TOKEN is not its ADMIN_TOKEN.",
    404: "The service has no switch: it was started without ADMIN_TOKEN.",
    503: "The service cannot reach its database, where the flag is kept. Try again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFlag:
    """The state that the service answered, or why there is none in ``message``.

    ``usable`` is whether trying can help: a missing token stays missing.
    """

    usable: bool
    enabled: bool | None = None
    state: str = ""
    epoch: int | None = None
    message: str = ""


class Switch:
    """Asks the admin route of the cached service; ``url`` is None where there is none."""

    def __init__(self, url: str | None, token: str | None) -> None:
        self._url = url
        self._token = token

    def read(self) -> CacheFlag:
        """Return the state of the flag."""
        return self._ask("GET", b"")

    def flip(self, *, enabled: bool) -> CacheFlag:
        """Turn the Redis layer on or off and return the state after it."""
        return self._ask("PUT", json.dumps({"enabled": enabled}).encode())

    def _ask(self, method: str, body: bytes) -> CacheFlag:
        if self._url is None:
            return CacheFlag(usable=False, message=_NO_TARGET)
        if not self._token:
            return CacheFlag(usable=False, message=_NO_TOKEN)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            with Connection(self._url, timeout_s=_TIMEOUT_S) as connection:
                request = connection.prepare(method, "/admin/cache", headers=headers, body=body)
                answer = connection.send(request)
        except (ClientError, ValueError) as error:
            return CacheFlag(usable=True, message=f"No answer from the cached service: {error}")
        return _flag(answer.status, answer.body)


def _flag(status: int, body: bytes) -> CacheFlag:
    said = _read(body)
    state, epoch = said.get("state"), said.get("epoch")
    if status == _OK and isinstance(state, str):
        return CacheFlag(usable=True, enabled=state not in _OFF, state=state, epoch=epoch)
    message = _REFUSALS.get(status) or f"The service answered {status}: {said.get('detail', '')}"
    return CacheFlag(usable=True, message=message)


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


@dataclass(frozen=True, slots=True)
class Flip:
    """The flag was flipped, so many seconds into the run; by ``done`` every process knew."""

    second: float
    enabled: bool
    done: float


@dataclass(slots=True)
class Annotations:
    """An event since the run began; ``elapsed_s`` is the clock of the metrics, None at rest.

    ``generation`` counts the runs and resets, so that a page knows that what it has is over.
    ``seconds`` is how long the load was since then, None until it ends.
    """

    elapsed_s: Callable[[], float | None]
    generation: int = 0
    flips: list[Flip] = field(default_factory=list)
    seconds: float | None = None
    _began_s: float = 0.0
    _enabled: bool | None = None

    def begin(self) -> None:
        """Note that everything before no longer counts: a run began, or its figures were reset."""
        self.generation += 1
        self.flips.clear()
        self.seconds, self._began_s = None, self.elapsed_s() or 0.0

    def end(self) -> None:
        """Note that the load ends now."""
        now_s = self.elapsed_s()
        self.seconds = None if now_s is None else now_s - self._began_s

    def see(self, *, enabled: bool, asked: float | None = None) -> None:
        """Note the flag as the service gives it; a change is a flip, whoever did it.

        ``asked`` is when a flip of our own was sent: it begins to work before it is answered.
        """
        if self._enabled is not None and self._enabled != enabled:
            second = self.elapsed_s()
            # Between two runs there is no chart to mark it in.
            if second is not None:
                self.flips.append(Flip(second if asked is None else asked, enabled, second))
        self._enabled = enabled

    @property
    def pairs_from(self) -> int:
        """Return the first second that was not cut by a flip."""
        return math.floor(self.flips[-1].done) + 1 if self.flips else 0
