"""The leased cache in Redis: scripts over the keys of one namespace, on one run of the server."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import cast

from redis.asyncio import Redis

from service.adapters.redis.client import Breaker, RedisUnavailable
from service.adapters.redis.runs import RunBoundClients
from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.fence import Fence
from service.coherence.timing import Timing
from service.domain import Slot, UserId
from service.ports import Slots

SCHEMA = 2
TRACE_MS = 300_000
_EMPTY = {b"absent": Empty.ABSENT, b"invalidated": Empty.INVALIDATED}
_REFUSED = {b"filling": Refusal.FILLING, b"writing": Refusal.WRITING}


class RedisLeasedCache:
    """The ``LeasedCache`` over one Redis server.

    Connections are bound to the run of the server that the fence names: after a restart, a
    failover or a wrong address the commands of an older fence are refused, not executed.
    """

    def __init__(self, clients: RunBoundClients, breaker: Breaker, timing: Timing) -> None:
        self._clients = clients
        self._breaker = breaker
        self._fill_ms = round(timing.fill_s * 1000)
        self._mark_ms = round(timing.mark_s * 1000)

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        """Return the values of these slots; a wrong type reads as none."""
        with self._call():
            client = self._clients.reading(fence.run_id)
            stored = await client.mget([_key(fence, user_id, slot) for slot in slots])
        return [_value(held) for held in cast(list[bytes | None], stored)]

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: Slots, token: str
    ) -> Mapping[Slot, Acquired]:
        """Ask for the right to fill; who comes second gets the value, or is told to wait."""
        with self._call():
            client = self._clients.reading(fence.run_id)
            answers = await _run(
                client, "acquire", _keys(fence, user_id, slots), [token, self._fill_ms]
            )
        return {
            slot: _acquired(answer)
            for slot, answer in zip(slots, cast(list[bytes], answers), strict=True)
        }

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[Slot, tuple[bytes, float] | None],
    ) -> None:
        """Store values with their TTL in seconds where the token still stands."""
        arguments: list[bytes | str | int] = [token]
        for value in values.values():
            entry, ttl_s = value or (b"", 0.0)
            arguments += [entry, max(1, round(ttl_s * 1000))]
        with self._call():
            client = self._clients.reading(fence.run_id)
            await _run(client, "fill", [_key(fence, user_id, slot) for slot in values], arguments)

    async def mark(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots and keep readers of this user from filling until cleared."""
        await self._write("mark", fence, user_id, slots, [token, self._mark_ms])

    async def clear(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots, void every fill token, and take the writer's mark away."""
        await self._write("clear", fence, user_id, slots, [token, TRACE_MS])

    async def _write(
        self, script: str, fence: Fence, user_id: UserId, slots: Slots, arguments: list[str | int]
    ) -> None:
        # Both scripts may run twice, so one retry spares a fence after a hiccup.
        keys = _keys(fence, user_id, slots)

        async def attempt() -> None:
            with self._call(even_when_open=True):
                await _run(self._clients.writing(fence.run_id), script, keys, arguments)

        try:
            await attempt()
        except CacheUnavailable:
            await attempt()

    @contextmanager
    def _call(self, *, even_when_open: bool = False) -> Iterator[None]:
        try:
            with self._breaker.call(even_when_open=even_when_open):
                yield
        except RedisUnavailable as error:
            raise CacheUnavailable from error


def _key(fence: Fence, user_id: UserId, name: str) -> str:
    """Return a key of a user in a fence's namespace.

    ``user_id`` is 24 hex digits by the time it gets here, so no part can hold a separator. The
    braces keep the keys of one user on one node of a cluster.
    """
    return f"fivefold:{fence.deployment}:{SCHEMA}:{fence.namespace}:{{{user_id}}}:{name}"


def _keys(fence: Fence, user_id: UserId, slots: Slots) -> list[str]:
    return [_key(fence, user_id, "writers"), *(_key(fence, user_id, slot) for slot in slots)]


def _value(held: bytes | None) -> bytes | None:
    return held[1:] if held is not None and held[:1] == b"V" else None


def _acquired(answer: bytes) -> Acquired:
    if answer in _EMPTY:
        return Granted(_EMPTY[answer])
    return _REFUSED[answer] if answer in _REFUSED else answer[1:]


async def _run(
    client: Redis, name: str, keys: Sequence[str], arguments: Sequence[bytes | str | int]
) -> object:
    return await client.register_script(_script(name))(keys=list(keys), args=list(arguments))


@cache
def _script(name: str) -> str:
    return (files("service.adapters.redis") / "lua" / f"{name}.lua").read_text()
