"""What every ``LeasedCache`` promises, and what Redis adds."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.domain import CachedValue, UserId
from tests.contract.cache_setup import ADA, CLUSTER, REDIS, TODOS, CacheSetup, fake_cache_setup

BOB = UserId("b" * 24)
BOTH = (CachedValue.USER, CachedValue.TODOS)
ANY_BYTES = bytes(range(256))
COLD, INVALIDATED = Granted(Empty.ABSENT), Granted(Empty.INVALIDATED)
# What has not happened by then never will.
NEVER_S = 60.0


@pytest.fixture(params=["fake", REDIS, CLUSTER])
def setup(request: pytest.FixtureRequest) -> CacheSetup:
    if request.param == "fake":
        return fake_cache_setup()
    fixture = "redis_cache_setup" if request.param == "redis" else "cluster_cache_setup"
    real: CacheSetup = request.getfixturevalue(fixture)
    return real


async def granted(setup: CacheSetup, user_id: UserId) -> Mapping[CachedValue, Acquired]:
    """Ask for the todos until nothing that stood there is in the way any more."""
    async with asyncio.timeout(NEVER_S):
        while True:
            acquired = await setup.cache.acquire(setup.fence, user_id, TODOS, "late")
            if isinstance(acquired[CachedValue.TODOS], Granted):
                return acquired
            await asyncio.sleep(0)


async def test_the_one_who_acquires_fills_once(setup: CacheSetup) -> None:
    before = list(await setup.cache.get(setup.fence, ADA, BOTH))
    granted = await setup.cache.acquire(setup.fence, ADA, BOTH, "one")
    values = {CachedValue.USER: (b"user", 60.0), CachedValue.TODOS: (ANY_BYTES, 60.0)}
    stored = await setup.cache.fill(setup.fence, ADA, "one", values)
    again = await setup.cache.fill(setup.fence, ADA, "one", {CachedValue.USER: (b"two", 60.0)})

    assert before == [None, None]
    assert granted == {CachedValue.USER: COLD, CachedValue.TODOS: COLD}
    assert (stored, again) == (values.keys(), set())
    assert list(await setup.cache.get(setup.fence, ADA, BOTH)) == [b"user", ANY_BYTES]
    assert list(await setup.cache.get(setup.fence, ADA, BOTH[::-1])) == [ANY_BYTES, b"user"]


async def test_a_late_one_gets_the_value_whatever_it_begins_with(setup: CacheSetup) -> None:
    for number, value in enumerate((b"", b"absent", b"filling", b"X", ANY_BYTES)):
        await setup.cache.clear(setup.fence, ADA, TODOS, f"w{number}")
        await setup.fill(b"a" + value, token=f"filler{number}")

        assert await setup.cache.acquire(setup.fence, ADA, TODOS, "late") == {
            CachedValue.TODOS: b"a" + value
        }


async def test_the_second_one_is_refused_and_cannot_fill(setup: CacheSetup) -> None:
    await setup.cache.acquire(setup.fence, ADA, TODOS, "one")
    second = await setup.cache.acquire(setup.fence, ADA, BOTH, "two")
    refused = await setup.cache.fill(setup.fence, ADA, "two", {CachedValue.TODOS: (b"two", 60.0)})
    empty = await setup.todos()
    await setup.cache.fill(setup.fence, ADA, "one", {CachedValue.TODOS: (b"one", 60.0)})

    assert second == {CachedValue.USER: COLD, CachedValue.TODOS: Refusal.FILLING}
    assert (refused, empty) == (set(), None)
    assert await setup.todos() == b"one"


async def test_a_token_given_back_is_granted_again(setup: CacheSetup) -> None:
    await setup.cache.acquire(setup.fence, ADA, BOTH, "one")
    values = {CachedValue.USER: (b"user", 60.0), CachedValue.TODOS: None}
    stored = await setup.cache.fill(setup.fence, ADA, "one", values)

    assert stored == {CachedValue.USER}
    assert await setup.cache.acquire(setup.fence, ADA, BOTH, "two") == {
        CachedValue.USER: b"user",
        CachedValue.TODOS: COLD,
    }


@pytest.mark.parametrize("what", ["token", "mark", "entry"])
async def test_what_is_held_ends_by_itself(setup: CacheSetup, what: str) -> None:
    if what == "token":
        await setup.brief.acquire(setup.fence, ADA, TODOS, "one")
    if what == "mark":
        await setup.brief.mark(setup.fence, ADA, TODOS, "dead")
    if what == "entry":
        await setup.fill(b"short", ttl_s=0.03)

    assert await granted(setup, ADA) == {CachedValue.TODOS: COLD}


@pytest.mark.parametrize("command", ["mark", "clear"])
async def test_a_writer_empties_the_slot_and_voids_the_token(
    setup: CacheSetup, command: str
) -> None:
    await setup.fill(b"old")
    await getattr(setup.cache, command)(setup.fence, ADA, TODOS, "w")
    emptied = await setup.todos()
    await setup.cache.clear(setup.fence, ADA, TODOS, "w")
    await setup.cache.acquire(setup.fence, ADA, TODOS, "reader")
    await getattr(setup.cache, command)(setup.fence, ADA, TODOS, "w")
    await setup.cache.fill(setup.fence, ADA, "reader", {CachedValue.TODOS: (b"old", 60.0)})

    assert emptied is None
    assert await setup.todos() is None


async def test_while_a_mark_stands_nobody_of_this_user_may_fill_and_values_are_still_got(
    setup: CacheSetup,
) -> None:
    await setup.fill(b"list")
    await setup.cache.mark(setup.fence, ADA, (CachedValue.USER,), "w")
    beside = await setup.cache.acquire(setup.fence, ADA, BOTH, "r")
    await setup.cache.mark(setup.fence, ADA, TODOS, "w")

    assert beside == {CachedValue.USER: Refusal.WRITING, CachedValue.TODOS: b"list"}
    assert await setup.cache.acquire(setup.fence, ADA, BOTH, "r") == dict.fromkeys(
        BOTH, Refusal.WRITING
    )


async def test_each_writer_takes_away_its_own_mark_only_and_may_run_twice(
    setup: CacheSetup,
) -> None:
    for token in ("one", "two", "two"):
        await setup.cache.mark(setup.fence, ADA, TODOS, token)
    await setup.cache.clear(setup.fence, ADA, TODOS, "one")
    during = await setup.cache.acquire(setup.fence, ADA, TODOS, "r")
    for _ in range(2):
        await setup.cache.clear(setup.fence, ADA, TODOS, "two")
    empty = await setup.todos()

    assert during == {CachedValue.TODOS: Refusal.WRITING}
    # An invalidation leaves a trace that reads as none.
    assert empty is None
    assert await setup.cache.acquire(setup.fence, ADA, BOTH, "r") == {
        CachedValue.USER: COLD,
        CachedValue.TODOS: INVALIDATED,
    }


async def test_a_younger_mark_does_not_end_with_an_older(setup: CacheSetup) -> None:
    await setup.cache.mark(setup.fence, ADA, TODOS, "long")
    await setup.brief.mark(setup.fence, ADA, TODOS, "short")
    # Another mark of the same length, which was made after it, has ended.
    await setup.brief.mark(setup.fence, BOB, TODOS, "short")
    await granted(setup, BOB)

    assert await setup.cache.acquire(setup.fence, ADA, TODOS, "r") == {
        CachedValue.TODOS: Refusal.WRITING
    }


async def test_two_users_do_not_meet(setup: CacheSetup) -> None:
    await setup.fill(b"ada's")
    await setup.cache.mark(setup.fence, BOB, BOTH, "w")
    granted = await setup.cache.acquire(setup.fence, ADA, (CachedValue.USER,), "r")

    assert await setup.todos() == b"ada's"
    assert list(await setup.cache.get(setup.fence, BOB, BOTH)) == [None, None]
    assert granted == {CachedValue.USER: COLD}


@pytest.mark.parametrize("change", [{"namespace": 2}, {"deployment": "other"}])
async def test_two_namespaces_do_not_meet(setup: CacheSetup, change: dict[str, Any]) -> None:
    other = replace(setup.fence, **change)
    await setup.fill(b"here")
    await setup.cache.mark(other, ADA, TODOS, "w")

    assert list(await setup.cache.get(other, ADA, TODOS)) == [None]
    assert await setup.todos() == b"here"
    assert await setup.cache.acquire(setup.fence, ADA, (CachedValue.USER,), "r") == {
        CachedValue.USER: COLD
    }


async def test_on_another_run_of_the_server_nothing_is_executed(setup: CacheSetup) -> None:
    await setup.fill(b"kept")
    other = replace(setup.fence, run_id="0" * 40)
    for command in (
        setup.cache.get(other, ADA, TODOS),
        setup.cache.acquire(other, ADA, TODOS, "t"),
        setup.cache.fill(other, ADA, "t", {CachedValue.TODOS: (b"new", 60.0)}),
        setup.cache.mark(other, ADA, TODOS, "t"),
        setup.cache.clear(other, ADA, TODOS, "t"),
    ):
        with pytest.raises(CacheUnavailable):
            await command

    # A refused connection is a failure like another: the breaker lets writers through.
    await setup.brief.mark(setup.fence, ADA, (CachedValue.USER,), "w")
    assert list(await setup.brief.get(setup.fence, ADA, TODOS)) == [b"kept"]


async def test_garbage_reads_as_none_is_filled_by_nobody_and_emptied_by_writers(
    setup: CacheSetup,
) -> None:
    mine = {CachedValue.TODOS: (b"mine", 60.0)}
    for number, held in enumerate((b"garbage", b"", None)):
        await setup.put(held)
        read = await setup.todos()
        await setup.cache.fill(setup.fence, ADA, "r", mine)
        filled = await setup.todos()
        granted = await setup.cache.acquire(setup.fence, ADA, TODOS, f"r{number}")
        await setup.cache.fill(setup.fence, ADA, f"r{number}", mine)
        mended = await setup.todos()
        await setup.put(held)
        await setup.cache.mark(setup.fence, ADA, TODOS, "w")
        await setup.put(held)
        await setup.cache.clear(setup.fence, ADA, TODOS, "w")

        assert (read, filled, granted) == (None, None, {CachedValue.TODOS: COLD}), held
        assert mended == b"mine"
        assert await setup.cache.acquire(setup.fence, ADA, TODOS, "r") == {
            CachedValue.TODOS: INVALIDATED
        }
