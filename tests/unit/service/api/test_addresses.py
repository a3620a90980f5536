from ipaddress import ip_network

import pytest
from starlette.types import Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.api.request_guard import client_key, trusted_hosts

HOSTS = trusted_hosts([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
PROXY, CLIENT = "10.0.0.1", "198.51.100.7"


async def key(peer: str | None, *forwarded: str) -> str:
    """Return what is counted of a request from this peer, with these ``X-Forwarded-For``."""
    found = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        found.append(client_key(scope["client"]))

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        raise NotImplementedError

    scope = {
        "type": "http",
        "client": (peer, 50_000) if peer is not None else None,
        "headers": [(b"x-forwarded-for", line.encode()) for line in forwarded],
    }
    await ProxyHeadersMiddleware(app, HOSTS)(scope, receive, send)  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize("forwarded", ["203.0.113.9", "10.0.0.2", "::1", "nonsense", ""])
async def test_a_client_that_is_no_proxy_counts_by_its_address_and_cannot_choose_it(
    forwarded: str,
) -> None:
    assert await key(CLIENT) == await key(CLIENT, forwarded) == f"address:{CLIENT}"


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        # What the client wrote left of the proxy does not count.
        (["203.0.113.9, " + CLIENT], CLIENT),
        (["10.0.0.9, " + CLIENT], CLIENT),
        (["nonsense, " + CLIENT], CLIENT),
        (["203.0.113.9, 10.0.0.9, " + CLIENT], CLIENT),
        # A chain of trusted proxies is followed to the client, which is the first where all are.
        ([CLIENT], CLIENT),
        ([f"{CLIENT}:4711"], CLIENT),
        ([f"{CLIENT}:4711, 10.0.0.9:4712, [fd00::1]:4713"], CLIENT),
        (["203.0.113.9", CLIENT, "10.0.0.2"], CLIENT),
        ([f"{CLIENT}, fd00::1, 10.0.0.2"], CLIENT),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        # A proxy that names nobody is counted itself.
        ([], PROXY),
        ([""], PROXY),
    ],
)
async def test_behind_a_trusted_proxy_its_client_is_counted(
    forwarded: list[str], counted: str
) -> None:
    assert await key(PROXY, *forwarded) == f"address:{counted}"


async def test_an_ipv6_client_counts_by_its_64_bit_prefix() -> None:
    same = {await key("2001:db8:1:2::1"), await key("2001:db8:1:2:ffff:ffff:ffff:ffff")}

    assert same == {"address:2001:db8:1:2::/64"}
    assert await key("2001:db8:1:3::1") == "address:2001:db8:1:3::/64"
    assert await key(PROXY, "[2001:db8:1:2::9]:443") == "address:2001:db8:1:2::/64"


async def test_an_ipv4_address_written_as_ipv6_is_that_ipv4_address() -> None:
    assert await key(f"::ffff:{CLIENT}") == f"address:{CLIENT}"
    assert await key(f"::ffff:{PROXY}", f"::ffff:{CLIENT}") == f"address:{CLIENT}"


@pytest.mark.parametrize("peer", [None, "", "/run/service.sock", "testclient"])
async def test_a_client_without_an_address_is_one_shared_key(peer: str | None) -> None:
    assert await key(peer, CLIENT) == "address:none"


async def test_a_link_local_client_counts_whatever_its_interface() -> None:
    assert (await key("fe80::1%eth0")).startswith("address:fe80::")
