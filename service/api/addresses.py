"""Whom a request is counted against."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_IPV6_SITE_BITS = 64


def client_key(
    peer: tuple[str, int] | None, headers: Headers, trusted_proxies: Sequence[Network]
) -> str:
    """Return the rate limit key of the client's address.

    ``X-Forwarded-For`` is believed only as far as trusted proxies wrote it: the right-most hop
    that is not one of them is the client. An IPv6 client counts by its /64, which is what one
    subscriber gets. A peer without an address (a Unix socket) is one shared key.
    """
    address = _parse(peer[0]) if peer else None
    if address is None:
        return "address:none"
    if _trusted(address, trusted_proxies):
        for hop in reversed(_hops(headers)):
            forwarded = _parse(hop)
            if forwarded is None:
                break
            address = forwarded
            if not _trusted(address, trusted_proxies):
                break
    if isinstance(address, IPv6Address):
        return f"address:{IPv6Network((address, _IPV6_SITE_BITS), strict=False)}"
    return f"address:{address}"


def _hops(headers: Headers) -> list[str]:
    return [hop.strip() for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _trusted(address: Address, trusted_proxies: Sequence[Network]) -> bool:
    return any(address in network for network in trusted_proxies)
