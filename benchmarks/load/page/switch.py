"""The flag of the Redis layer as a person at the page sees and flips it, in words."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    """Asks the admin route of the cached service; ``url`` gives None where there is none."""

    def __init__(self, url: Callable[[], str | None], token: str | None) -> None:
        self._url = url
        self._token = token

    def read(self) -> CacheFlag:
        """Return the state of the flag."""
        return self._ask("GET", b"")

    def flip(self, *, enabled: bool) -> CacheFlag:
        """Turn the Redis layer on or off and return the state after it."""
        return self._ask("PUT", json.dumps({"enabled": enabled}).encode())

    def _ask(self, method: str, body: bytes) -> CacheFlag:
        url = self._url()
        if url is None:
            return CacheFlag(usable=False, message=_NO_TARGET)
        if not self._token:
            return CacheFlag(usable=False, message=_NO_TOKEN)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            with Connection(url, timeout_s=_TIMEOUT_S) as connection:
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
