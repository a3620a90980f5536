"""Argon2id in a bounded pool, so that hashing can neither block the loop nor eat the memory."""

import asyncio
import math
import os
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import Overloaded

T = TypeVar("T")

# The floor of the OWASP password storage sheet: 19 MiB, two passes, one lane.
MEMORY_KIB = 19 * 1024
PASSES = 2
MAX_QUEUED = 256
MAX_WORKERS = 2
CGROUP = Path("/sys/fs/cgroup")


def argon2id() -> PasswordHash:
    """Return the hasher of production."""
    return PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))


@dataclass(eq=False, slots=True)
class _Job:
    work: Callable[[], Any]
    done: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Passwords:
    """Hash and verify passwords on ``workers`` threads, with a queue that is fair and bounded.

    Each job belongs to a ``caller``. Callers take turns, so that none waits for all the jobs of
    another. With :data:`MAX_QUEUED` jobs waiting, the last one of the caller with the most of them
    makes room. Every method raises ``Overloaded`` when that is its own. Memory is bounded by
    ``workers`` times :data:`MEMORY_KIB`.

    All methods belong to the running loop.
    """

    def __init__(self, hasher: PasswordHash, *, workers: int) -> None:
        self._hasher = hasher
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._running = 0
        self._dummy = hasher.hash("nobody has this password")

    async def hash(self, password: str, *, caller: str = "") -> str:
        """Return the hash to store."""
        return await self._run(lambda: self._hasher.hash(password), caller)

    async def verify(
        self, password: str, stored: str | None, *, caller: str = ""
    ) -> tuple[bool, str | None]:
        """Tell whether the password matches, and the hash to store instead if that one is dated.

        Takes as long for an account that does not exist, which has no hash.
        """
        compared = self._dummy if stored is None else stored
        return await self._run(lambda: self._verify(password, compared), caller)

    def close(self) -> None:
        """Finish what was started and stop the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        try:
            return self._hasher.verify_and_update(password, stored)
        except UnknownHashError:
            return False, None

    async def _run(self, work: Callable[[], T], caller: str) -> T:
        if sum(map(len, self._waiting.values())) >= MAX_QUEUED:
            self._make_room(caller)
        job = _Job(work)
        self._waiting.setdefault(caller, deque()).append(job)
        self._begin()
        try:
            result: T = await job.done
        except asyncio.CancelledError:
            # One that has begun keeps its worker until it ends.
            self._forget(caller, job)
            raise
        return result

    def _make_room(self, caller: str) -> None:
        longest = max(self._waiting, key=lambda each: len(self._waiting[each]))
        if len(self._waiting[longest]) <= len(self._waiting.get(caller, ())) + 1:
            raise Overloaded("every password worker is busy")
        last = self._waiting[longest][-1]
        self._forget(longest, last)
        last.done.set_exception(Overloaded("others wait for a password worker as well"))

    def _forget(self, caller: str, job: _Job) -> None:
        waiting = self._waiting.get(caller, deque())
        if job in waiting:
            waiting.remove(job)
            if not waiting:
                del self._waiting[caller]

    def _begin(self) -> None:
        """Give free workers to those whose turn it is."""
        while self._waiting and self._running < self._workers:
            caller, waiting = self._waiting.popitem(last=False)
            job = waiting.popleft()
            if waiting:
                self._waiting[caller] = waiting
            self._running += 1
            running = asyncio.wrap_future(self._pool.submit(job.work))
            running.add_done_callback(partial(self._end, job))

    def _end(self, job: _Job, ended: asyncio.Future[Any]) -> None:
        self._running -= 1
        if ended.cancelled():
            job.done.cancel()
        elif not job.done.done():
            if error := ended.exception():
                job.done.set_exception(error)
            else:
                job.done.set_result(ended.result())
        self._begin()


def default_workers(cgroup: Path = CGROUP) -> int:
    """Return how many workers a process gets: a container's cores, and no more than two.

    What the machine has says nothing of what the container may use of it.
    """
    return max(1, math.floor(min(MAX_WORKERS, _quota(cgroup), os.cpu_count() or 1)))


def _quota(cgroup: Path) -> float:
    """Return how many cores the control group allows."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return math.inf
    return int(quota) / int(period) if quota.isdecimal() else math.inf
