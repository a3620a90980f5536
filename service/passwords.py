"""Argon2id in a bounded pool, so that hashing can neither block the loop nor eat the memory."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import Overloaded

T = TypeVar("T")

# The floor of the OWASP password storage sheet: 19 MiB, two passes, one lane.
MEMORY_KIB = 19 * 1024
PASSES = 2
QUEUE_PER_WORKER = 16


def argon2id() -> PasswordHash:
    """Return the hasher of production."""
    return PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))


class Passwords:
    """Hash and verify passwords on ``workers`` threads with a bounded queue.

    Every method raises ``Overloaded`` when the queue is full. Memory is bounded by
    ``workers`` times :data:`MEMORY_KIB`.
    """

    def __init__(self, hasher: PasswordHash, *, workers: int) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._places = BoundedSemaphore(workers * (QUEUE_PER_WORKER + 1))
        self._dummy = hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        """Tell whether the password matches, and the hash to store instead if that one is dated."""
        return await self._run(lambda: self._verify(password, stored))

    async def verify_nobody(self, password: str) -> None:
        """Take as long as :meth:`verify` does, for an account that does not exist."""
        await self.verify(password, self._dummy)

    def close(self) -> None:
        """Finish what was started and stop the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        try:
            return self._hasher.verify_and_update(password, stored)
        except UnknownHashError:
            return False, None

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Overloaded("every password worker is busy")
        job = self._pool.submit(work)
        # Released by the job itself: a caller that goes away does not free its worker.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)
