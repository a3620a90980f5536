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
    """Ask for the todos until nothing that stood there is in the way any more."""
    async with asyncio.timeout(NEVER_S):
        while True:
            acquired = await shelf.cache.acquire(shelf.fence, user_id, TODOS, "late")
            if isinstance(acquired[CachedValue.TODOS], Granted):
                return acquired
            await asyncio.sleep(0)


async def test_the_one_who_acquires_fills_once(shelf: Shelf) -> None:
    before = list(await shelf.cache.get(shelf.fence, ADA, BOTH))
    granted = await shelf.cache.acquire(shelf.fence, ADA, BOTH, "one")
    values = {CachedValue.USER: (b"user", 60.0), CachedValue.TODOS: (ANY_BYTES, 60.0)}
    stored = await shelf.cache.fill(shelf.fence, ADA, "one", values)
    again = await shelf.cache.fill(shelf.fence, ADA, "one", {CachedValue.USER: (b"two", 60.0)})

    assert before == [None, None]
    assert granted == {CachedValue.USER: COLD, CachedValue.TODOS: COLD}
    assert (stored, again) == (values.keys(), set())
    assert list(await shelf.cache.get(shelf.fence, ADA, BOTH)) == [b"user", ANY_BYTES]
    assert list(await shelf.cache.get(shelf.fence, ADA, BOTH[::-1])) == [ANY_BYTES, b"user"]


async def test_a_late_one_gets_the_value_whatever_it_begins_with(shelf: Shelf) -> None:
    for number, value in enumerate((b"", b"absent", b"filling", b"X", ANY_BYTES)):
        await shelf.cache.clear(shelf.fence, ADA, TODOS, f"w{number}")
        await shelf.fill(b"a" + value, token=f"filler{number}")

        assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "late") == {
            CachedValue.TODOS: b"a" + value
        }


async def test_the_second_one_is_refused_and_cannot_fill(shelf: Shelf) -> None:
    await shelf.cache.acquire(shelf.fence, ADA, TODOS, "one")
    second = await shelf.cache.acquire(shelf.fence, ADA, BOTH, "two")
    refused = await shelf.cache.fill(shelf.fence, ADA, "two", {CachedValue.TODOS: (b"two", 60.0)})
    empty = await shelf.todos()
    await shelf.cache.fill(shelf.fence, ADA, "one", {CachedValue.TODOS: (b"one", 60.0)})

    assert second == {CachedValue.USER: COLD, CachedValue.TODOS: Refusal.FILLING}
    assert (refused, empty) == (set(), None)
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


@pytest.mark.parametrize("what", ["token", "mark", "entry"])
async def test_what_is_held_ends_by_itself(shelf: Shelf, what: str) -> None:
    if what == "token":
        await shelf.brief.acquire(shelf.fence, ADA, TODOS, "one")
    if what == "mark":
        await shelf.brief.mark(shelf.fence, ADA, TODOS, "dead")
    if what == "entry":
        await shelf.fill(b"short", ttl_s=0.03)

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


async def test_while_a_mark_stands_nobody_of_this_user_may_fill_and_values_are_still_got(
    shelf: Shelf,
) -> None:
    await shelf.fill(b"list")
    await shelf.cache.mark(shelf.fence, ADA, (CachedValue.USER,), "w")
    beside = await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r")
    await shelf.cache.mark(shelf.fence, ADA, TODOS, "w")

    assert beside == {CachedValue.USER: Refusal.WRITING, CachedValue.TODOS: b"list"}
    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r") == dict.fromkeys(
        BOTH, Refusal.WRITING
    )


async def test_each_writer_takes_away_its_own_mark_only_and_may_run_twice(shelf: Shelf) -> None:
    for token in ("one", "two", "two"):
        await shelf.cache.mark(shelf.fence, ADA, TODOS, token)
    await shelf.cache.clear(shelf.fence, ADA, TODOS, "one")
    during = await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r")
    for _ in range(2):
        await shelf.cache.clear(shelf.fence, ADA, TODOS, "two")
    empty = await shelf.todos()

    assert during == {CachedValue.TODOS: Refusal.WRITING}
    # An invalidation leaves a trace that reads as none.
    assert empty is None
    assert await shelf.cache.acquire(shelf.fence, ADA, BOTH, "r") == {
        CachedValue.USER: COLD,
        CachedValue.TODOS: INVALIDATED,
    }


async def test_a_younger_mark_does_not_end_with_an_older(shelf: Shelf) -> None:
    await shelf.cache.mark(shelf.fence, ADA, TODOS, "long")
    await shelf.brief.mark(shelf.fence, ADA, TODOS, "short")
    # Another mark of the same length, which was made after it, has ended.
    await shelf.brief.mark(shelf.fence, BOB, TODOS, "short")
    await granted(shelf, BOB)

    assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: Refusal.WRITING
    }


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


async def test_garbage_reads_as_none_is_filled_by_nobody_and_emptied_by_writers(
    shelf: Shelf,
) -> None:
    mine = {CachedValue.TODOS: (b"mine", 60.0)}
    for number, held in enumerate((b"garbage", b"", None)):
        await shelf.put(held)
        read = await shelf.todos()
        await shelf.cache.fill(shelf.fence, ADA, "r", mine)
        filled = await shelf.todos()
        granted = await shelf.cache.acquire(shelf.fence, ADA, TODOS, f"r{number}")
        await shelf.cache.fill(shelf.fence, ADA, f"r{number}", mine)
        mended = await shelf.todos()
        await shelf.put(held)
        await shelf.cache.mark(shelf.fence, ADA, TODOS, "w")
        await shelf.put(held)
        await shelf.cache.clear(shelf.fence, ADA, TODOS, "w")

        assert (read, filled, granted) == (None, None, {CachedValue.TODOS: COLD}), held
        assert mended == b"mine"
        assert await shelf.cache.acquire(shelf.fence, ADA, TODOS, "r") == {
            CachedValue.TODOS: INVALIDATED
        }
