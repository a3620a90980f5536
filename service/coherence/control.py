"""The operator's switch, for the whole deployment."""

from collections.abc import Callable

from service.coherence.fence import DROPPED, Fence, State
from service.coherence.lease import Lease
from service.errors import DatabaseUnavailable, NoCacheConfigured
from service.ports import CacheStatus

_ATTEMPTS = 8
_WORDS = {State.ON: "on", State.ARM: "arming", State.OFF: "fenced"}


class FenceControl:
    """The ``CacheControl`` over the fence; every change is a compare-and-set on it."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def status(self) -> CacheStatus:
        """Tell the state, the namespace and why the fence was closed so far."""
        return describe(await self._lease.renew())

    async def switch(self, *, enabled: bool) -> CacheStatus:
        """Turn reads from the cache on or off.

        Writers go on invalidating while it is off, so what is cached stays right and turning it
        on needs no waiting. Returns when no process can be using the old value any more.
        """
        await self._change(lambda fence: fence.switched(enabled=enabled))
        await self._lease.sleep_grace()
        return await self.status()

    async def drop(self) -> CacheStatus:
        """Give the namespace up for ever; the cache comes back in a new one within seconds."""
        fence = await self._change(lambda fence: fence.fenced(DROPPED))
        await self._lease.await_expiry(fence)
        return await self.status()

    async def _change(self, change: Callable[[Fence], Fence]) -> Fence:
        for _ in range(_ATTEMPTS):
            fence = await self._lease.current()
            changed = change(fence)
            if await self._lease.compare_and_set(fence, changed):
                return changed
        raise DatabaseUnavailable("the fence kept moving")


class DisabledControl(FenceControl):
    """The ``CacheControl`` of a process without the Redis layer, which keeps the fence closed."""

    async def status(self) -> CacheStatus:
        """Tell that this process has no layer, and what the deployment does."""
        return describe(await self._lease.renew(), word="absent")

    async def switch(self, *, enabled: bool) -> CacheStatus:
        """Refuse to turn on what is not there; raises ``NoCacheConfigured``."""
        if enabled:
            raise NoCacheConfigured
        return await self.status()

    # Nothing is cached.
    drop = status


def describe(fence: Fence, word: str | None = None) -> CacheStatus:
    """Return the fence in an operator's words."""
    state = word or (_WORDS[fence.state] if fence.enabled else "off")
    return CacheStatus(state=state, epoch=fence.namespace, fences=dict(fence.fences))
