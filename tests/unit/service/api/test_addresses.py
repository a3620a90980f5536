from ipaddress import ip_network

import pytest
from starlette.datastructures import Headers

from service.api.addresses import client_key

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
PROXY, CLIENT = "10.0.0.1", "198.51.100.7"


def key(peer: str | None, *forwarded: str) -> str:
    headers = Headers(raw=[(b"x-forwarded-for", line.encode()) for line in forwarded])
    return client_key((peer, 50_000) if peer is not None else None, headers, PROXIES)


def test_a_client_counts_by_its_address() -> None:
    assert key(CLIENT) == f"address:{CLIENT}"


@pytest.mark.parametrize("forwarded", ["203.0.113.9", "10.0.0.2", "::1", "nonsense", ""])
def test_a_client_that_is_no_proxy_cannot_choose_its_address(forwarded: str) -> None:
    assert key(CLIENT, forwarded) == f"address:{CLIENT}"


def test_behind_a_trusted_proxy_the_client_is_whom_the_proxy_saw() -> None:
    assert key(PROXY, CLIENT) == f"address:{CLIENT}"


@pytest.mark.parametrize(
    "spoofed", ["203.0.113.9", "10.0.0.9", "nonsense", "203.0.113.9, 10.0.0.9"]
)
def test_what_the_client_wrote_left_of_the_proxy_does_not_count(spoofed: str) -> None:
    assert key(PROXY, f"{spoofed}, {CLIENT}") == f"address:{CLIENT}"


def test_hops_in_several_headers_are_one_list() -> None:
    assert key(PROXY, "203.0.113.9", CLIENT, "10.0.0.2") == f"address:{CLIENT}"


def test_a_chain_of_proxies_is_followed_to_the_client() -> None:
    assert key(PROXY, f"{CLIENT}, fd00::1, 10.0.0.2") == f"address:{CLIENT}"


def test_where_all_hops_are_proxies_the_first_one_is_the_client() -> None:
    assert key(PROXY, "10.0.0.3, 10.0.0.2") == "address:10.0.0.3"


def test_a_hop_that_is_no_address_ends_the_chain() -> None:
    assert key(PROXY, "203.0.113.9, unknown, 10.0.0.2") == "address:10.0.0.2"
    assert key(PROXY, "unknown") == f"address:{PROXY}"
    assert key(PROXY) == f"address:{PROXY}"


def test_an_ipv6_client_counts_by_its_64_bit_prefix() -> None:
    same = {key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff")}

    assert same == {"address:2001:db8:1:2::/64"}
    assert key("2001:db8:1:3::1") == "address:2001:db8:1:3::/64"


def test_an_ipv4_address_written_as_ipv6_is_that_ipv4_address() -> None:
    assert key(f"::ffff:{CLIENT}") == f"address:{CLIENT}"
    assert key(f"::ffff:{PROXY}", f"::ffff:{CLIENT}") == f"address:{CLIENT}"


@pytest.mark.parametrize("peer", [None, "", "/run/service.sock", "testclient"])
def test_a_peer_without_an_address_is_one_shared_key(peer: str | None) -> None:
    assert key(peer, CLIENT) == "address:none"


def test_a_link_local_client_counts_whatever_its_interface() -> None:
    assert key("fe80::1%eth0").startswith("address:fe80::")


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    headers = Headers({"x-forwarded-for": CLIENT})

    assert client_key((PROXY, 1), headers, []) == f"address:{PROXY}"
