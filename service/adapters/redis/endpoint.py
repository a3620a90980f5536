"""Where a Redis is and how to introduce oneself, as a ``redis://`` URL says it."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio.connection import RedisSSLContext, SSLConnection, parse_url

P = TypeVar("P", bound=asyncio.Protocol)
Command = tuple[str | bytes | int, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server, by TCP, TLS or Unix socket, and the commands that a new connection begins with."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None
    greeting: tuple[Command, ...]

    @classmethod
    def from_url(cls, url: str) -> "Endpoint":
        """Read a URL as redis-py does; raises ``ValueError``."""
        parts: dict[str, Any] = dict(parse_url(url))
        return cls(
            host=parts.get("host", "localhost"),
            port=parts.get("port", 6379),
            path=parts.get("path", ""),
            tls=_tls(parts) if parts.get("connection_class") is SSLConnection else None,
            greeting=tuple(_greeting(parts)),
        )

    async def connect(self, protocol: Callable[[], P]) -> P:
        """Open a connection; raises ``OSError``."""
        loop = asyncio.get_running_loop()
        if self.path:
            return (await loop.create_unix_connection(protocol, self.path))[1]
        _, made = await loop.create_connection(protocol, self.host, self.port, ssl=self.tls)
        return made


def _greeting(parts: dict[str, Any]) -> list[Command]:
    commands: list[Command] = []
    if password := parts.get("password"):
        user = (parts["username"],) if parts.get("username") else ()
        commands.append(("AUTH", *user, password))
    if number := parts.get("db"):
        commands.append(("SELECT", number))
    return commands


def _tls(parts: dict[str, Any]) -> ssl.SSLContext:
    options = {
        name.removeprefix("ssl_"): value for name, value in parts.items() if name.startswith("ssl_")
    }
    # What redis-py asks for when the URL does not say.
    return RedisSSLContext(**{"cert_reqs": "required", "check_hostname": True, **options}).get()
