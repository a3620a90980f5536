import asyncio
from collections.abc import AsyncIterator
from threading import Event

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import Overloaded
from service.passwords import MEMORY_KIB, PASSES, QUEUE_PER_WORKER, Passwords, argon2id
from tests.fakes import fast_hasher

PLACES = QUEUE_PER_WORKER + 1


class Turnstile(HasherProtocol):
    """A hasher whose workers wait until ``open`` is set."""

    def __init__(self) -> None:
        self.open = Event()
        self.open.set()
        self.entered = Event()

    @classmethod
    def identify(cls, hash: str | bytes) -> bool:  # noqa: A002, ARG003 - the protocol's name
        return True

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:  # noqa: ARG002
        self.entered.set()
        self.open.wait()
        return "hash"

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002, ARG002
        return True

    def check_needs_rehash(self, hash: str | bytes) -> bool:  # noqa: A002, ARG002
        return False


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
    passwords = Passwords(PasswordHash((turnstile,)), workers=1)
    turnstile.open.clear()
    turnstile.entered.clear()
    yield passwords
    turnstile.open.set()
    passwords.close()


async def start(passwords: Passwords, count: int) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(passwords.hash("password")) for _ in range(count)]
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


async def test_a_dated_hash_comes_with_a_better_one_if_the_password_matches(
    passwords: Passwords,
) -> None:
    dated = Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1).hash("password")
    matches, better = await passwords.verify("password", dated)

    assert matches
    assert better is not None
    assert await passwords.verify("password", better) == (True, None)
    assert await passwords.verify("wrong", dated) == (False, None)


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


async def test_a_failing_job_gives_its_place_back(passwords: Passwords) -> None:
    for _ in range(2 * PLACES):
        with pytest.raises(TypeError):
            await passwords.hash(None)  # type: ignore[arg-type]


async def test_the_loop_goes_on_while_a_password_is_hashed(
    turnstile: Turnstile, blocked: Passwords
) -> None:
    [hashing] = await start(blocked, 1)
    await asyncio.to_thread(turnstile.entered.wait)

    assert not hashing.done()
