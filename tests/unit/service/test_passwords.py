import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest
from pwdlib import PasswordHash

from service.errors import Overloaded
from service.passwords import (
    MAX_QUEUED,
    MEMORY_KIB,
    PASSES,
    Passwords,
    argon2id,
    default_workers,
)
from tests.fakes import fast_hasher

PLACES = MAX_QUEUED + 1


class Turnstile(PasswordHash):
    """A hasher whose workers wait until ``open`` is set."""

    def __init__(self) -> None:
        self.open = Event()
        self.open.set()
        self.entered = Event()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:  # noqa: ARG002
        self.entered.set()
        self.open.wait()
        return "hash"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(fast_hasher(), workers=1)
    yield passwords
    passwords.close()


@pytest.fixture
def turnstile() -> Turnstile:
    return Turnstile()


@pytest.fixture
async def blocked(turnstile: Turnstile) -> AsyncIterator[Passwords]:
    """Return a pool whose only worker waits at the turnstile."""
    passwords = Passwords(turnstile, workers=1)
    turnstile.open.clear()
    turnstile.entered.clear()
    yield passwords
    turnstile.open.set()
    passwords.close()


async def start(passwords: Passwords, count: int, caller: str = "") -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(passwords.hash("password", caller=caller)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_the_right_password_matches_and_a_wrong_one_does_not(passwords: Passwords) -> None:
    stored, again = [await passwords.hash("correct horse") for _ in range(2)]

    assert stored != again
    assert await passwords.verify("correct horse", stored) == (True, None)
    assert await passwords.verify("battery staple", stored) == (False, None)


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$bcrypt", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
async def test_a_stored_hash_that_is_none_never_matches(stored: str, passwords: Passwords) -> None:
    assert await passwords.verify(stored, stored) == (False, None)


def test_production_hashes_as_the_password_storage_sheet_asks() -> None:
    stored = argon2id().hash("password")

    assert stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
    assert (MEMORY_KIB, PASSES) == (19 * 1024, 2)


async def test_a_full_queue_is_overloaded(turnstile: Turnstile, blocked: Passwords) -> None:
    waiting = await start(blocked, PLACES)
    with pytest.raises(Overloaded):
        await blocked.hash("password")
    with pytest.raises(Overloaded):
        await blocked.verify("password", "hash")
    turnstile.open.set()

    assert await asyncio.gather(*waiting) == ["hash"] * PLACES
    assert await blocked.hash("password") == "hash"


async def test_a_caller_that_goes_away_frees_its_place_but_not_its_worker(
    turnstile: Turnstile, blocked: Passwords
) -> None:
    [gone] = await start(blocked, 1)
    await asyncio.to_thread(turnstile.entered.wait)
    gone.cancel()
    await asyncio.wait([gone])
    waiting = await start(blocked, PLACES - 1)
    with pytest.raises(Overloaded):
        await blocked.hash("password")
    waiting[-1].cancel()
    await asyncio.wait([waiting[-1]])
    [instead] = await start(blocked, 1)
    turnstile.open.set()

    assert gone.cancelled()
    assert await asyncio.gather(*waiting[:-1], instead) == ["hash"] * (PLACES - 1)


async def test_each_caller_gets_a_turn_before_any_gets_the_next(
    turnstile: Turnstile, blocked: Passwords
) -> None:
    order: list[str] = []

    async def ask(caller: str) -> None:
        await blocked.hash("password", caller=caller)
        order.append(caller)

    tasks = [asyncio.create_task(ask(caller)) for caller in ("many",) * 5 + ("one", "two")]
    await asyncio.sleep(0)
    turnstile.open.set()
    await asyncio.gather(*tasks)

    assert order == ["many", "many", "one", "two", "many", "many", "many"]


async def test_a_full_queue_has_room_for_those_who_ask_little(
    turnstile: Turnstile, blocked: Passwords
) -> None:
    many = await start(blocked, PLACES, "many")
    few = [task for number in range(18) for task in await start(blocked, 1, f"address {number}")]
    turnstile.open.set()
    answers = await asyncio.gather(*many, *few, return_exceptions=True)

    assert answers[-18:] == ["hash"] * 18
    assert [type(answer) for answer in answers[PLACES - 18 : PLACES]] == [Overloaded] * 18
    assert answers.count("hash") == PLACES


@pytest.mark.parametrize(
    ("quota", "workers"),
    [("", 2), ("max 100000", 2), ("400000 100000", 2), ("150000 100000", 1), ("20000 100000", 1)],
)
def test_there_are_no_more_workers_than_the_container_has_cores_and_two(
    quota: str, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    if quota:
        (tmp_path / "cpu.max").write_text(quota)

    assert default_workers(tmp_path) == workers


async def test_a_failing_job_gives_its_place_back(passwords: Passwords) -> None:
    for _ in range(2 * PLACES):
        with pytest.raises(TypeError):
            await passwords.hash(None)  # type: ignore[arg-type]
