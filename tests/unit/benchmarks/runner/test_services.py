from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.measure.sessions import RunningVariant
from benchmarks.runner.services import RunContext, ServiceSpec, running_variants
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.stack.dataset import Dataset, make_dataset
from benchmarks.variants.registry import VARIANTS
from tests.unit.benchmarks.world import World

RIVALS = tuple(VARIANTS[name] for name in ("uncached", "cached", "naive"))


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


@pytest.fixture(name="data")
def _data() -> Dataset:
    return make_dataset(seed=1, users=5, todos_per_user=1, payload_bytes=5)


@contextmanager
def _arms(world: World, data: Dataset, scenario: Scenario) -> Iterator[list[RunningVariant]]:
    with (
        world.open_stack(environ={}, redis=True) as stack,
        running_variants(
            RIVALS,
            data,
            wanted=ServiceSpec(actions=scenario.actions),
            place=RunContext(stack=stack, mongo=world.mongo, label="ab12", logs=world.folder),
            tools=world.tools(),
        ) as arms,
    ):
        yield arms


def test_requests_are_in_the_order_of_the_users(world: World, data: Dataset) -> None:
    with _arms(world, data, SCENARIOS["session"]) as arms:
        requests = [arm.reads for arm in arms]

    # The fake service gives the e-mail as the token.
    for own in requests:
        assert all(
            f"Bearer {email}\r\n".encode() in request
            for email, request in zip(data.emails, own, strict=True)
        )


def test_every_user_of_the_writing_scenario_changes_a_todo_of_their_own(
    world: World, data: Dataset
) -> None:
    with _arms(world, data, SCENARIOS["writes"]) as arms:
        statuses = [
            [arm.connection.send(request).status for request in arm.requests["complete"]]
            for arm in arms
        ]

    assert statuses == [[200] * 5] * 3


def test_the_read_that_primes_is_of_the_list_whatever_is_measured(
    world: World, data: Dataset
) -> None:
    with _arms(world, data, SCENARIOS["writes"]) as arms:
        reads = [request for arm in arms for request in arm.reads]

    assert all(request.startswith(b"GET /todo/ HTTP/1.1\r\n") for request in reads)


def test_every_variant_that_uses_redis_gets_a_database_number_of_its_own(
    world: World, data: Dataset
) -> None:
    with _arms(world, data, SCENARIOS["session"]) as arms:
        names = [arm.variant for arm in arms]

    assert names == ["uncached", "cached", "naive"]
    assert [call["redis_url"] for call in world.started] == [
        None,
        "redis://r:1/0",
        "redis://r:1/1",
    ]
    assert [call["module"] for call in world.started] == [
        "service",
        "service",
        "benchmarks.variants.rivals.naive",
    ]
