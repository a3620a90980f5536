"""The variants, composed as the service composes itself, without HTTP."""

import asyncio
import time
from contextlib import AsyncExitStack

from benchmarks.micro.site import BenchmarkSite, Person
from benchmarks.variants.rivals import naive
from service.bootstrap import compose
from service.config import Settings
from service.domain import CachedValue, Snapshot, TodoChange, UserId
from service.layers import Layering, with_redis, without_redis
from service.outcomes import HIT, OFF
from service.ports import CachedValues, Repository, Todos

BOTH = (CachedValue.USER, CachedValue.TODOS)
LAYERINGS: dict[str, Layering] = {
    "uncached": without_redis,
    "cached": with_redis,
    "naive": naive.layering,
}
PATIENCE_S = 60.0
SECRET = "a secret of the benchmarks, longer than 32 bytes"  # noqa: S105 - of data that is dropped


class InProcessService:
    """One variant over one way to Redis."""

    def __init__(self, repository: Repository, todos: Todos) -> None:
        self.repository = repository
        self.todos = todos

    async def read(self, user: UserId, slots: CachedValues = BOTH) -> Snapshot:
        """Read these slots of a user."""
        return await self.repository.read(user, slots)

    async def write(self, person: Person) -> int:
        """Change a todo and return its revision."""
        change = TodoChange({"completed": True})
        async with self.repository.write(person.user, CachedValue.TODOS):
            todo = await self.todos.update(person.user, person.todo, change)
        return todo.rev

    async def forget(self, user: UserId) -> None:
        """Empty the user's slots the way a write does, without changing anything."""
        async with self.repository.write(user, *BOTH):
            pass

    async def until_hit(self, user: UserId) -> Snapshot:
        """Read until the cache answers every slot; raises ``TimeoutError``."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            snapshot = await self.read(user)
            if outcome_of(snapshot) == "hit":
                return snapshot
            if time.monotonic() > deadline:
                raise TimeoutError(f"no hit within {PATIENCE_S:.0f} s: {snapshot.outcomes}")
            await asyncio.sleep(0.001)


def outcome_of(snapshot: Snapshot) -> str:
    """Return how a snapshot was come by: ``hit``, ``miss`` or ``off``.

    Anything else, and values that differ, come as they are, so that they equal none of these.
    """
    return " and ".join(sorted({_word(outcome) for outcome in snapshot.outcomes.values()}))


def _word(outcome: str) -> str:
    if outcome == HIT:
        return "hit"
    if outcome == OFF:
        return "off"
    return "miss" if outcome.startswith("fwd=miss") else outcome


class Services:
    """Services by variant and delay, opened when first asked for; ``cleanup`` takes them down."""

    def __init__(
        self, site: BenchmarkSite, runner: asyncio.Runner, cleanup: AsyncExitStack
    ) -> None:
        self._site = site
        self._runner = runner
        self._cleanup = cleanup
        self._open: dict[tuple[str, float], InProcessService] = {}

    def get(self, variant: str, delay_ms: float = 0.0) -> InProcessService:
        """Return a service, composed the first time."""
        # Without a client of Redis there is no way to it: one service stands for all delays.
        key = variant, 0.0 if variant == "uncached" else delay_ms
        if key not in self._open:
            self._open[key] = self._runner.run(self._compose(*key))
        return self._open[key]

    async def _compose(self, variant: str, delay_ms: float) -> InProcessService:
        settings = settings_of(self._site, variant, delay_ms)
        backends = await compose(settings, LAYERINGS[variant], self._cleanup)
        return InProcessService(backends.repository, backends.todos)


def settings_of(site: BenchmarkSite, variant: str, delay_ms: float) -> Settings:
    """Return the settings of a variant that are not the defaults.

    The loop stands still between benchmarks, and the machine may be busy: the lease and the
    deadline are longer, so that neither ends while nobody looks. Neither changes what is done.
    """
    return Settings.model_validate(
        {
            "jwt_secret": SECRET,
            "mongodb_url": site.mongo.url,
            "mongodb_database": site.databases[variant],
            "redis_url": site.paths[delay_ms].url,
            "redis_deadline_seconds": 10.0,
            # The first write of an uncached service waits for one to end.
            "cache_lease_seconds": 2.0 if variant == "uncached" else 60.0,
        }
    )
