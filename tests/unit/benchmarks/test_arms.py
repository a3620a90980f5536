from pathlib import Path

import pytest

from benchmarks.arms import Place, running_arms
from benchmarks.dataset import Dataset, make_dataset
from benchmarks.variants import VARIANTS, Variant
from tests.unit.benchmarks.world import World

RIVALS = (
    VARIANTS["uncached"],
    VARIANTS["cached"],
    Variant(name="naive", description="a rival", uses_redis=True, module="rival"),
)


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(folder=tmp_path)


@pytest.fixture(name="data")
def _data() -> Dataset:
    return make_dataset(seed=1, users=5, todos_per_user=1, payload_bytes=5)


def test_requests_are_in_the_order_of_the_users(world: World, data: Dataset) -> None:
    with (
        world.open_stack(environ={}, redis=True) as stack,
        running_arms(
            RIVALS,
            data,
            path="/todo/",
            place=Place(stack=stack, mongo=world.mongo, label="ab12", logs=world.folder),
            tools=world.tools(),
        ) as arms,
    ):
        requests = [arm.requests for arm in arms]

    # The fake service gives the e-mail as the token.
    for own in requests:
        assert all(
            f"Bearer {email}\r\n".encode() in request
            for email, request in zip(data.emails, own, strict=True)
        )


def test_every_variant_that_uses_redis_gets_a_database_number_of_its_own(
    world: World, data: Dataset
) -> None:
    with (
        world.open_stack(environ={}, redis=True) as stack,
        running_arms(
            RIVALS,
            data,
            path="/todo/",
            place=Place(stack=stack, mongo=world.mongo, label="ab12", logs=world.folder),
            tools=world.tools(),
        ) as arms,
    ):
        names = [arm.variant for arm in arms]

    assert names == ["uncached", "cached", "naive"]
    assert [call["redis_url"] for call in world.started] == [
        None,
        "redis://r:1/0",
        "redis://r:1/1",
    ]
    assert [call["module"] for call in world.started] == ["service", "service", "rival"]
