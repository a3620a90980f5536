"""The address that a rate limit counts."""

import re
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from starlette.types import ASGIApp, Receive, Scope, Send

_IPV6_SITE_BITS = 64
_IPV4_MAPPED_BITS = 96
_WITH_PORT = re.compile(rb"^(?:\[([0-9A-Fa-f:.%]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$")


def client_key(peer: tuple[str, int] | None) -> str:
    """Return the rate limit key of the client's address.

    An IPv6 client counts by its /64, which is what one subscriber gets. A client without an
    address (a Unix socket) is one shared key.
    """
    address = _parse(peer[0]) if peer else None
    if address is None:
        return "address:none"
    if isinstance(address, IPv6Address):
        return f"address:{IPv6Network((address, _IPV6_SITE_BITS), strict=False)}"
    return f"address:{address}"


def trusted_hosts(proxies: Iterable[IPv4Network | IPv6Network]) -> list[str]:
    """Return networks as uvicorn takes them, IPv4 ones also as a dual-stack socket shows them."""
    hosts = []
    for network in proxies:
        hosts.append(str(network))
        if isinstance(network, IPv4Network):
            mapped = f"::ffff:{network.network_address}"
            hosts.append(f"{mapped}/{_IPV4_MAPPED_BITS + network.prefixlen}")
    return hosts


class WithoutPorts:
    """Take ports out of ``X-Forwarded-For``: some proxies write ``ip:port`` or ``[ip]:port``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if "headers" in scope:
            scope["headers"] = [
                (name, _without_ports(value) if name == b"x-forwarded-for" else value)
                for name, value in scope["headers"]
            ]
        await self._app(scope, receive, send)


def _without_ports(forwarded: bytes) -> bytes:
    hosts = (each.strip() for each in forwarded.split(b","))
    return b", ".join(_WITH_PORT.sub(rb"\1\2", host) for host in hosts)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
