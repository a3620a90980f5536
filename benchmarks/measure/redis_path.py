"""The way from the services to Redis, which can be made longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks.stack.proxy import FaultProxy, start_proxy
from benchmarks.stack.relay import RelayMode


class RedisPath(Protocol):
    """A way that some round trips take longer on."""

    def toward(self, url: str) -> str:
        """Return the address that leads to a Redis database this way."""

    def add(self, round_trip_ms: float) -> None:
        """Have every round trip take so much longer from now on."""


@dataclass(frozen=True, slots=True)
class ProxiedPath:
    """Through a proxy in a process of its own, which costs a hop even when it adds nothing."""

    proxy: FaultProxy

    def toward(self, url: str) -> str:
        """Return the proxy's address with the number of the database."""
        return urlsplit(self.proxy.url)._replace(path=urlsplit(url).path).geturl()

    def add(self, round_trip_ms: float) -> None:
        """Delay half of it each way."""
        mode = RelayMode.DELAY if round_trip_ms else RelayMode.NORMAL
        self.proxy.switch(mode, delay_ms=round_trip_ms / 2)


@contextmanager
def open_path(url: str, logs: Path) -> Iterator[RedisPath]:
    """Start a proxy before a Redis and end it after; raises ``StackError``."""
    with start_proxy(url, log=logs / "redis-proxy.log", name="redis-proxy") as proxy:
        yield ProxiedPath(proxy)
