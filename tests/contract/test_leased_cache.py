"""What every ``LeasedCache`` promises, and what Redis adds."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.domain import CachedValue, UserId
from tests.contract.marks import CLUSTER, REDIS
from tests.contract.shelf import ADA, TODOS, Shelf, fake_shelf

BOB = UserId("b" * 24)
BOTH = (CachedValue.USER, CachedValue.TODOS)
ANY_BYTES = bytes(range(256))
COLD, INVALIDATED = Granted(Empty.ABSENT), Granted(Empty.INVALIDATED)
# What has not happened by then never will.
NEVER_S = 60.0


@pytest.fixture(params=["fake", REDIS, CLUSTER])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    if request.param == "fake":
        return fake_shelf()
    fixture = "redis_shelf" if request.param == "redis" else "cluster_shelf"
    real: Shelf = request.getfixturevalue(fixture)
    return real


async def granted(shelf: Shelf, user_id: UserId) -> Mapping[CachedValue, Acquired]:
    """Ask for the todos slot until nothing that stood there refuses it any more."""
    async with asyncio.timeout(NEVER_S):
        while True:
            acquired = await shelf.cache.acquire(shelf.fence, user_id, TODOS, "late")
            if not isinstance(acquired[CachedValue.TODOS], Refusal):
                return acquired
            await asyncio.sleep(0)


async def test_what_was_never_filled_is_none(shelf: Shelf) -> None:
    assert list(await shelf.cache.get(shelf.fence, ADA, BOTH)) == [None, None]


async def test_who_acquires_fills(shelf: Shelf) -> None:
    granted = await shelf.cache.acquire(shelf.fence, ADA, BOTH, "one")
    values = {CachedValue.USER: (b"user", 60.0), CachedValue.TODOS: (ANY_BYTES, 60.0)}
    stored = await shelf.cache.fill(shelf.fence, ADA, "one", values)

    assert granted == {CachedValue.USER: COLD, CachedValue.TODOS: COLD}
    assert stored == values.keys()
    assert list(await shelf.cache.get(shelf.fence, ADA, BOTH)) == [b"user", ANY_BYTES]
    assert list(await shelf.cache.get(shelf.fence, ADA, BOTH[::-1])) == [ANY_BYTES, b"user"]


@pytest.mark.parametrize("value", [b"", b"absent", b"filling", b"X", ANY_BYTES])
async def test_who_comes_late_gets_the_value(shelf: Shelf, value: bytes) -> None:
    await shelf.fill(b"a" + value)

    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "late") == {
        CachedValue.TODOS: b"a" + value
    }


async def test_who_comes_second_is_refused_and_cannot_fill(shelf: Shelf) -> None:
    await shelf.cache.acquire(shelf.fence, ADA, TODOS, "one")
    second = await shelf.cache.acquire(shelf.fence, ADA, BOTH, "two")
    refused = await shelf.cache.fill(shelf.fence, ADA, "two", {CachedValue.TODOS: (b"two", 60.0)})
    empty = await shelf.todos()
    await shelf.cache.fill(shelf.fence, ADA, "one", {CachedValue.TODOS: (b"one", 60.0)})

    assert second == {CachedValue.USER: COLD, CachedValue.TODOS: Refusal.FILLING}
    assert (refused, empty) == (set(), None)
    assert await shelf.todos() == b"one"


async def test_a_token_fills_once(shelf: Shelf) -> None:
    await shelf.fill(b"one", token="t")
    await shelf.cache.fill(shelf.fence, ADA, "t", {CachedValue.TODOS: (b"two", 60.0)})

    assert await shelf.todos() == b"one"


async def test_a_token_given_back_is_granted_again(shelf: Shelf) -> None:
    await shelf.cache.acquire(shelf.fence, ADA, BOTH, "one")
    values = {CachedValue.USER: (b"user", 60.0), CachedValue.TODOS: None}
    stored = await shelf.cache.fill(shelf.fence, ADA, "one", values)

    assert stored == {CachedValue.USER}
    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "two") == {
        CachedValue.USER: b"user",
        CachedValue.TODOS: COLD,
    }


async def test_a_token_ends_by_itself(shelf: Shelf) -> None:
    await shelf.brief.acquire(shelf.fence, ADA, TODOS, "one")

    assert await granted(shelf, ADA) == {CachedValue.TODOS: COLD}


@pytest.mark.parametrize("command", ["mark", "clear"])
async def test_a_writer_empties_the_slot_and_voids_the_token(shelf: Shelf, command: str) -> None:
    await shelf.fill(b"old")
    await getattr(shelf.cache, command)(shelf.fence, ADA, TODOS, "w")
    emptied = await shelf.todos()
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "w")
    await shelf.cache.acquire(shelf.fence, ADA, TODOS, "reader")
    await getattr(shelf.cache, command)(shelf.fence, ADA, TODOS, "w")
    await shelf.cache.fill(shelf.fence, ADA, "reader", {CachedValue.TODOS: (b"old", 60.0)})

    assert emptied is None
    assert await shelf.todos() is None


async def test_while_a_mark_stands_nobody_of_this_user_may_fill(shelf: Shelf) -> None:
    await shelf.cache.mark(shelf.fence, ADA, TODOS, "w")

    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r") == {
        CachedValue.USER: Refusal.WRITING,
        CachedValue.TODOS: Refusal.WRITING,
    }


async def test_a_value_beside_a_mark_is_still_got(shelf: Shelf) -> None:
    await shelf.fill(b"list")
    await shelf.cache.mark(shelf.fence, ADA, (CachedValue.USER,), "w")

    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r") == {
        CachedValue.USER: Refusal.WRITING,
        CachedValue.TODOS: b"list",
    }


async def test_each_writer_takes_away_its_own_mark_only(shelf: Shelf) -> None:
    for token in ("one", "two"):
        await shelf.cache.mark(shelf.fence, ADA, TODOS, token)
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "one")
    during = await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r")
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "two")

    assert during == {CachedValue.TODOS: Refusal.WRITING}
    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: INVALIDATED
    }


async def test_a_mark_ends_by_itself(shelf: Shelf) -> None:
    await shelf.brief.mark(shelf.fence, ADA, TODOS, "dead")

    assert await granted(shelf, ADA) == {CachedValue.TODOS: COLD}


async def test_a_younger_mark_does_not_end_with_an_older(shelf: Shelf) -> None:
    await shelf.cache.mark(shelf.fence, ADA, TODOS, "long")
    await shelf.brief.mark(shelf.fence, ADA, TODOS, "short")
    # Another mark of the same length, which was made after it, has ended.
    await shelf.brief.mark(shelf.fence, BOB, TODOS, "short")
    await granted(shelf, BOB)

    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: Refusal.WRITING
    }


async def test_an_invalidation_leaves_a_trace_that_reads_as_none(shelf: Shelf) -> None:
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "w")
    empty = await shelf.todos()

    assert empty is None
    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r") == {
        CachedValue.USER: COLD,
        CachedValue.TODOS: INVALIDATED,
    }


async def test_mark_and_clear_may_run_twice(shelf: Shelf) -> None:
    for command in (shelf.cache.mark, shelf.cache.mark, shelf.cache.clear, shelf.cache.clear):
        await command(shelf.fence, ADA, TODOS, "w")

    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: INVALIDATED
    }


async def test_an_entry_ends_after_its_ttl(shelf: Shelf) -> None:
    await shelf.fill(b"short", ttl_s=0.03)
    async with asyncio.timeout(NEVER_S):
        while await shelf.todos() is not None:  # noqa: ASYNC110 - a server sets no event
            await asyncio.sleep(0)

    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {CachedValue.TODOS: COLD}


async def test_two_users_do_not_meet(shelf: Shelf) -> None:
    await shelf.fill(b"ada's")
    await shelf.cache.mark(shelf.fence, BOB, BOTH, "w")
    granted = await shelf.cache.acquire(shelf.fence, ADA, (CachedValue.USER,), "r")

    assert await shelf.todos() == b"ada's"
    assert list(await shelf.cache.get(shelf.fence, BOB, BOTH)) == [None, None]
    assert granted == {CachedValue.USER: COLD}


@pytest.mark.parametrize("change", [{"namespace": 2}, {"deployment": "other"}])
async def test_two_namespaces_do_not_meet(shelf: Shelf, change: dict[str, Any]) -> None:
    other = replace(shelf.fence, **change)
    await shelf.fill(b"here")
    await shelf.cache.mark(other, ADA, TODOS, "w")

    assert list(await shelf.cache.get(other, ADA, TODOS)) == [None]
    assert await shelf.todos() == b"here"
    assert await shelf.cache.acquire(shelf.fence, ADA, (CachedValue.USER,), "r") == {
        CachedValue.USER: COLD
    }


async def test_on_another_run_of_the_server_nothing_is_executed(shelf: Shelf) -> None:
    await shelf.fill(b"kept")
    other = replace(shelf.fence, run_id="0" * 40)
    for command in (
        shelf.cache.get(other, ADA, TODOS),
        shelf.cache.acquire(other, ADA, TODOS, "t"),
        shelf.cache.fill(other, ADA, "t", {CachedValue.TODOS: (b"new", 60.0)}),
        shelf.cache.mark(other, ADA, TODOS, "t"),
        shelf.cache.clear(other, ADA, TODOS, "t"),
    ):
        with pytest.raises(CacheUnavailable):
            await command

    # A refused connection is a failure like another: the breaker lets writers through.
    await shelf.brief.mark(shelf.fence, ADA, (CachedValue.USER,), "w")
    assert list(await shelf.brief.get(shelf.fence, ADA, TODOS)) == [b"kept"]


@pytest.mark.parametrize("held", [b"garbage", b"", None])
async def test_garbage_reads_as_none_and_is_granted(shelf: Shelf, held: bytes | None) -> None:
    await shelf.put(held)
    read = await shelf.todos()
    granted = await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r")
    await shelf.cache.fill(shelf.fence, ADA, "r", {CachedValue.TODOS: (b"mended", 60.0)})

    assert read is None
    assert granted == {CachedValue.TODOS: COLD}
    assert await shelf.todos() == b"mended"


@pytest.mark.parametrize("held", [b"garbage", None])
async def test_garbage_is_filled_by_nobody_and_emptied_by_writers(
    shelf: Shelf, held: bytes | None
) -> None:
    await shelf.put(held)
    await shelf.cache.fill(shelf.fence, ADA, "r", {CachedValue.TODOS: (b"mine", 60.0)})
    filled = await shelf.todos()
    await shelf.cache.mark(shelf.fence, ADA, TODOS, "w")
    await shelf.put(held)
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "w")

    assert filled is None
    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: INVALIDATED
    }
