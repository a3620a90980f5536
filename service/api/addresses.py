"""The address that a rate limit counts."""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

_IPV6_SITE_BITS = 64
_IPV4_MAPPED_BITS = 96


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


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
