"""The broken variants that can be run as service processes: one name of the composition replaced.

Those of ``tests.interleaving.mutants`` that need no double are taken from there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace

from service import layers
from service.adapters.redis import leased, shared
from service.adapters.redis.leased import RedisLeasedCache
from service.coherence.fence import Fence
from service.coherence.lease import Lease
from service.coherence.uncached import UncachedRepository
from service.coherence.writes import FencedWrites
from service.domain import CachedValue, UserId
from tests.interleaving.mutants import ArmsAtOnce, Careless, Impatient, NoArm
from tests.stateful.faults import Strike


class FillsAnyway(RedisLeasedCache):
    """M1: a fill whose token was voided takes another."""

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        await super().fill(fence, user_id, token, values)
        await self.acquire(fence, user_id, tuple(values), token)
        return await super().fill(fence, user_id, token, values)


def greets_anybody(_: str) -> Callable[[object], None]:
    """M7: connections are to whatever server answers."""
    return lambda _: None


_prefix_of_the_namespace = leased._prefix


def prefix_without_namespace(fence: Fence, user_id: UserId) -> str:
    """M9: the namespace is not part of the key."""
    return _prefix_of_the_namespace(replace(fence, namespace=1), user_id)


class OnlyWhileOn(FencedWrites):
    """M14: nothing is invalidated while reads are switched off."""

    @asynccontextmanager
    async def around(self, user_id: UserId, *slots: CachedValue) -> AsyncIterator[None]:
        enabled = (await self._lease.current()).enabled
        async with super().around(user_id, *slots) if enabled else nullcontext():
            yield


class Unfenced(UncachedRepository):
    """M15: a process without Redis ignores the fence."""

    @asynccontextmanager
    async def write(self, _: UserId, *__: CachedValue) -> AsyncIterator[None]:
        yield


async def never(*_: object) -> None:
    """M15: nor does it say that it is at work."""
    await asyncio.Event().wait()


class Everlasting(Lease):
    """A lease that neither ends nor is renewed."""

    def valid_fence(self) -> Fence | None:
        return self._fence

    async def renew_forever(self, _: Callable[[Exception], None]) -> None:
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is put in the place of names in a module, and the faults that may bring it to light."""

    kinds: Sequence[Strike]
    names: Mapping[str, object]
    module: object = layers


CUT = (Strike.RESET, Strike.DROP_REQUESTS)
MUTANTS: Mapping[str, Mutant] = {
    "M1 a fill is a plain SET": Mutant([Strike.SLOW], {"RedisLeasedCache": FillsAnyway}),
    "M3 a failed invalidation is ignored": Mutant(CUT, {"FencedWrites": Careless}),
    "M4 the fence closes, no write waits": Mutant(CUT, {"Lease": Impatient}),
    "M5 opened again without arming": Mutant([Strike.OUTAGE], {"RecoveryMonitor": NoArm}),
    "M7 connections are not bound to a run": Mutant(
        [Strike.ROLL_BACK], {"_greet": greets_anybody}, shared
    ),
    "M9 the namespace is not part of the key": Mutant(
        [Strike.OUTAGE], {"_prefix": prefix_without_namespace}, leased
    ),
    "M12 armed without waiting": Mutant(CUT, {"RecoveryMonitor": ArmsAtOnce}),
    "M14 writers do not invalidate while reads are off": Mutant(
        [Strike.SWITCH], {"FencedWrites": OnlyWhileOn}
    ),
    "M15 a process without Redis ignores the fence": Mutant(
        [Strike.OUTSIDER], {"UncachedRepository": Unfenced, "keep_closed": never}
    ),
    "a lease never ends": Mutant(CUT, {"Lease": Everlasting}),
}
