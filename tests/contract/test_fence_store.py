"""What every ``FenceStore`` promises."""

import asyncio
from dataclasses import replace

import pytest
from pymongo import AsyncMongoClient

from service.adapters.mongo.client import Database, Document
from service.adapters.mongo.fence import MongoFenceStore
from service.coherence.fence import Fence, FenceStore, State
from tests.contract.cache_setup import MONGODB
from tests.fakes_coherence import FakeFenceStore

FIRST = Fence("one", seq=1, state=State.ON, namespace=1, run_id="run-1")


@pytest.fixture(params=["fake", MONGODB])
def store(request: pytest.FixtureRequest) -> FenceStore:
    if request.param == "fake":
        return FakeFenceStore()
    return MongoFenceStore(request.getfixturevalue("database"))


async def test_a_fence_is_read_as_it_was_made_and_before_it_there_is_none(
    store: FenceStore,
) -> None:
    await store.pin()
    assert await store.read() is None
    assert not await store.replace(FIRST, FIRST.fenced("lost"))
    assert await store.read() is None
    fence = replace(FIRST, enabled=False, fences={"lost": 2, "new-run": 1}).allowing(3.0, 9.0)
    made = await store.create(fence)

    assert made == await store.read() == fence


async def test_it_is_made_once(store: FenceStore) -> None:
    made = await asyncio.gather(
        *(store.create(replace(FIRST, deployment=name)) for name in ("one", "two", "three"))
    )

    assert made[0] == made[1] == made[2] == await store.read()


async def test_each_step_is_kept(store: FenceStore) -> None:
    fence = await store.create(FIRST)
    for new in (
        fence.fenced("lost"),
        fence.fenced("lost").outlived(),
        fence.fenced("lost").outlived().armed("run-2"),
        fence.fenced("lost").outlived().armed("run-2").opened(),
        fence.fenced("lost").outlived().armed("run-2").opened().switched(enabled=False),
        replace(fence, seq=6).allowing(3.0, 9.0),
        replace(fence, seq=7).allowing(3.0, 9.0).moved("elsewhere"),
    ):
        old, fence = fence, new

        assert await store.replace(old, new)
        assert await store.read() == new


@pytest.mark.servers
async def test_a_fence_that_an_earlier_version_made_has_what_that_version_kept_to(
    database: Database,
) -> None:
    store = MongoFenceStore(database)
    await store.create(replace(FIRST, lease_s=3.0, write_deadline_s=9.0))
    unknown = {"lease_s": 1, "write_deadline_s": 1}
    await database["cache_fence"].update_one({"_id": "fence"}, {"$unset": unknown})

    assert await store.read() == FIRST


@pytest.mark.servers
async def test_a_fence_that_an_earlier_version_closed_again_is_not_taken_for_drained(
    database: Database,
) -> None:
    store = MongoFenceStore(database)
    drained = (await store.create(FIRST)).fenced("lost").outlived()
    await store.replace(FIRST, drained)
    noted = await store.read()
    # As that version did: what it does not know it leaves as it is.
    await database["cache_fence"].update_one({}, {"$set": {"seq": drained.seq + 2}})
    later = await store.read()

    assert noted == drained
    assert later == replace(drained, seq=drained.seq + 2, drained=False)


@pytest.mark.servers
async def test_a_database_has_another_origin_than_its_copy_and_than_itself_restored(
    database: Database, mongo: AsyncMongoClient[Document]
) -> None:
    here = await MongoFenceStore(database).origin()
    again = await MongoFenceStore(database).origin()
    copy = mongo[f"{database.name}-2"]
    there = await MongoFenceStore(copy).origin()
    await mongo.drop_database(copy)
    restored = []
    for name in ("users", "todos"):
        await database.drop_collection(name)
        restored.append(await MongoFenceStore(database).origin())

    assert here == again
    assert len({here, there, *restored}) == 4


async def test_of_two_that_step_from_the_same_fence_one_does(store: FenceStore) -> None:
    fence = await store.create(FIRST)
    news = [fence.fenced(reason) for reason in ("one", "two")]
    moved = await asyncio.gather(*(store.replace(fence, new) for new in news))

    assert sorted(moved) == [False, True]
    assert await store.read() == news[moved.index(True)]


async def test_a_process_that_knows_an_older_or_another_deployments_fence_changes_nothing(
    store: FenceStore,
) -> None:
    fence = await store.create(FIRST)
    off = fence.fenced("lost")
    await store.replace(fence, off)
    stranger = replace(off, deployment="other")

    assert not await store.replace(fence, fence.switched(enabled=False))
    assert not await store.replace(stranger, stranger.fenced("lost"))
    assert await store.read() == off


async def test_a_pin_moves_nothing_and_stands_in_nobodys_way(store: FenceStore) -> None:
    fence = await store.create(FIRST)
    await store.pin()
    await store.pin()
    pinned = await store.read()
    moved = await store.replace(fence, fence.fenced("lost"))

    assert pinned == replace(FIRST, pin=2)
    assert moved
    assert await store.read() == replace(fence.fenced("lost"), pin=2)
