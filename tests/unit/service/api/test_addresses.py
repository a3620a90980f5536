from ipaddress import ip_network

import pytest
from starlette.types import Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.api.addresses import client_key, trusted_hosts

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


async def test_a_client_counts_by_its_address() -> None:
    assert await key(CLIENT) == f"address:{CLIENT}"


@pytest.mark.parametrize("forwarded", ["203.0.113.9", "10.0.0.2", "::1", "nonsense", ""])
async def test_a_client_that_is_no_proxy_cannot_choose_its_address(forwarded: str) -> None:
    assert await key(CLIENT, forwarded) == f"address:{CLIENT}"


@pytest.mark.parametrize(
    "spoofed", ["203.0.113.9", "10.0.0.9", "nonsense", "203.0.113.9, 10.0.0.9"]
)
async def test_what_the_client_wrote_left_of_the_proxy_does_not_count(spoofed: str) -> None:
    assert await key(PROXY, f"{spoofed}, {CLIENT}") == f"address:{CLIENT}"


@pytest.mark.parametrize(
    "forwarded",
    [
        [CLIENT],
        [f"{CLIENT}:4711"],
        ["203.0.113.9", CLIENT, "10.0.0.2"],
        [f"{CLIENT}, fd00::1, 10.0.0.2"],
    ],
)
async def test_a_chain_of_trusted_proxies_is_followed_to_the_client(forwarded: list[str]) -> None:
    assert await key(PROXY, *forwarded) == f"address:{CLIENT}"


async def test_where_all_hops_are_proxies_the_first_one_is_the_client() -> None:
    assert await key(PROXY, "10.0.0.3, 10.0.0.2") == "address:10.0.0.3"


@pytest.mark.parametrize("forwarded", [[], [""]])
async def test_a_proxy_that_names_nobody_is_counted_itself(forwarded: list[str]) -> None:
    assert await key(PROXY, *forwarded) == f"address:{PROXY}"


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
