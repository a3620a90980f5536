"""A user who writes once, while something is broken, and reads for as long as it takes.

The load writes all the time, and every write mends what an earlier one left behind in Redis. What
nobody mends shows here: the deletion that Redis never heard of, of a value that it still has.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from tests.e2e.api_client import Api
from tests.waiting import until

_READS, _LOOKS = 5, 20


class Canary:
    """One user with one todo, at every process of a fleet."""

    def __init__(self, urls: Sequence[str], exits: ExitStack) -> None:
        self._apis = [exits.enter_context(Api(url)) for url in urls]
        self._apis[0].sign_up()
        for api in self._apis:
            api.token = self._apis[0].token
        self.user_id: str = self._apis[0].get("/auth/me").json()["id"]
        self._heading = "version 0"
        created = self._apis[0].post("/todo/", {"heading": self._heading, "task": ""})
        self._path = f"/todo/{created.json()['id']}"
        self._version = 0

    def recovered_s(self) -> float:
        """Wait until every process answers from the cache; return how long that took."""
        started = time.monotonic()
        for api in self._apis:
            until(partial(_is_hit, api), "answer from the cache")
        return time.monotonic() - started

    def settle(self) -> None:
        """Wait until the cache answers for a second, so that no change is still to be noticed."""
        until(self._is_steadily_hit, "go on answering from the cache")

    def write(self) -> None:
        """Change the todo, by way of the last process; fails unless that is acknowledged."""
        self._version += 1
        heading = f"version {self._version}"
        written = self._apis[-1].call("PUT", self._path, {"heading": heading})
        assert written.status_code == 200, written.text
        self._heading = heading

    def stale_reads(self) -> int:
        """Read a few times at every process; return how often that was not the last version."""
        read = [api.headings() for _ in range(_READS) for api in self._apis]
        return len(read) - read.count([self._heading])

    def _is_steadily_hit(self) -> bool:
        for _ in range(_LOOKS):
            if not all(_is_hit(api) for api in self._apis):
                return False
            time.sleep(1 / _LOOKS)
        return True


def _is_hit(api: Api) -> bool:
    return api.get("/todo/").headers.get("cache-status", "").startswith("todos; hit")
