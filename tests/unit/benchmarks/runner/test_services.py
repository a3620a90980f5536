"""Every variant is up on the same data and ready to be measured."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.measure.sessions import RunningVariant
from benchmarks.stack.dataset import make_dataset
from tests.unit.benchmarks.fake_dependencies import Fakes

NAMES = ["uncached", "cached", "naive"]
DATA = make_dataset(seed=1, users=5, todos_per_user=1, payload_bytes=5)


@pytest.fixture(scope="module", name="fakes")
def _fakes(tmp_path_factory: pytest.TempPathFactory) -> Fakes:
    return Fakes(folder=tmp_path_factory.mktemp("services"))


@pytest.fixture(scope="module", name="running")
def _running(fakes: Fakes) -> Iterator[Sequence[RunningVariant]]:
    with fakes.variants(*NAMES, data=DATA) as running:
        yield running


def test_the_reads_that_prime_are_of_the_list_in_the_order_of_the_users(
    running: Sequence[RunningVariant],
) -> None:
    for each in running:
        # The fake service gives the e-mail as the token.
        for email, request in zip(DATA.emails, each.reads, strict=True):
            assert request.startswith(b"GET /todo/ HTTP/1.1\r\n")
            assert f"Bearer {email}\r\n".encode() in request


def test_every_user_of_the_writing_scenario_changes_a_todo_of_their_own(
    running: Sequence[RunningVariant],
) -> None:
    for each in running:
        statuses = [each.connection.send(one).status for one in each.requests["complete"]]
        assert statuses == [200] * 5


def test_every_variant_gets_a_database_of_its_own_and_in_redis_if_it_uses_that(
    running: Sequence[RunningVariant], fakes: Fakes
) -> None:
    assert [each.variant for each in running] == NAMES
    assert len({call["database"] for call in fakes.started}) == len(NAMES)
    assert {call["env"]["RATE_LIMIT_ENABLED"] for call in fakes.started} == {"false"}
    assert [(call["redis_url"], call["module"]) for call in fakes.started] == [
        (None, "service"),
        ("redis://r:1/0", "service"),
        ("redis://r:1/1", "benchmarks.variants.rivals.naive"),
    ]


def test_behind_a_proxy_services_get_its_address_with_their_own_database(tmp_path: Path) -> None:
    fakes = Fakes(folder=tmp_path)

    with fakes.variants("uncached", "cached", data=DATA, redis_proxy="redis://p:7/") as running:
        assert [call["redis_url"] for call in fakes.started] == [None, "redis://p:7/0"]
        # The harness empties the database without the proxy.
        assert [each.cache is None for each in running] == [True, False]
        assert list(fakes.databases) == ["redis://r:1/0", "redis://p:7/0"]
