"""The leased cache in Redis: scripts over the keys of one namespace, on one run of the server."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from importlib.resources import files
from typing import cast

from redis.exceptions import NoScriptError

from service.adapters.redis.client import COMMAND_DEADLINE_S
from service.adapters.redis.shared import Memory, SharedConnection
from service.coherence.cache import Acquired, CacheUnavailable, Empty, Granted, Refusal
from service.coherence.fence import Fence
from service.coherence.lease import Timing
from service.domain import CachedValue, UserId
from service.ports import CachedValues

SCHEMA = 2
TRACE_MS = 300_000
PATIENCE = 5
_EMPTY = {b"absent": Empty.ABSENT, b"invalidated": Empty.INVALIDATED}
_REFUSED = {b"filling": Refusal.FILLING, b"writing": Refusal.WRITING}


class RedisLeasedCache:
    """The ``LeasedCache`` over one Redis server or several.

    ``memory_of`` says where the keys of a user are in the namespace of a fence: in the incarnation
    of the server that the fence names. After a restart, a failover or a wrong address the commands
    of an older fence are refused, not executed.

    Reads and fills fail within ``deadline_s`` seconds, since the database is there instead; marks
    and clears wait :data:`PATIENCE` times as long, since giving up closes the fence.
    """

    def __init__(
        self,
        memory_of: Callable[[Fence, UserId], Memory],
        timing: Timing,
        *,
        deadline_s: float = COMMAND_DEADLINE_S,
    ) -> None:
        self._memory_of = memory_of
        self._deadline_s = deadline_s
        self._fill_ms = round(timing.fill_s * 1000)
        self._mark_ms = round(timing.mark_s * 1000)

    async def get(
        self, fence: Fence, user_id: UserId, kinds: CachedValues
    ) -> Sequence[bytes | None]:
        """Return these cached values; a wrong type reads as none."""
        prefix = _prefix(fence, user_id)
        command = ("MGET", *[prefix + kind for kind in kinds])
        connection, breaker = self._memory_of(fence, user_id)
        with breaker.call():
            stored = await connection.call(command, deadline_s=self._deadline_s)
        return [
            held[1:] if held is not None and held.startswith(b"V") else None
            for held in cast(list[bytes | None], stored)
        ]

    async def acquire(
        self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        """Ask for the right to fill; the second one gets the value, or has to wait."""
        connection, breaker = self._memory_of(fence, user_id)
        keys = _keys(fence, user_id, kinds)
        with breaker.call():
            answers = await self._run(connection, "acquire", keys, [token, self._fill_ms])
        return {
            kind: _acquired(answer)
            for kind, answer in zip(kinds, cast(list[bytes], answers), strict=True)
        }

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        """Store values with their TTL in seconds where the token still stands; return which."""
        arguments: list[bytes | str | int] = [token]
        for value in values.values():
            entry, ttl_s = value or (b"", 0.0)
            arguments += [entry, max(1, round(ttl_s * 1000))]
        connection, breaker = self._memory_of(fence, user_id)
        keys = _keys(fence, user_id, tuple(values))[1:]
        with breaker.call():
            answers = await self._run(connection, "fill", keys, arguments)
        stored = zip(values, cast(list[int], answers), strict=True)
        return {kind for kind, done in stored if done}

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values and keep readers of this user from filling until cleared."""
        await self._write("mark", fence, user_id, kinds, [token, self._mark_ms])

    async def clear(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values, void every fill token, and take the writer's mark away."""
        await self._write("clear", fence, user_id, kinds, [token, TRACE_MS])

    async def _write(
        self,
        script: str,
        fence: Fence,
        user_id: UserId,
        kinds: CachedValues,
        arguments: list[str | int],
    ) -> None:
        # Both scripts may run twice, so one retry spares a fence after a hiccup.
        keys = _keys(fence, user_id, kinds)

        async def attempt() -> None:
            connection, breaker = self._memory_of(fence, user_id)
            with breaker.call(even_when_open=True):
                await self._run(connection, script, keys, arguments, patience=PATIENCE)

        try:
            await attempt()
        except CacheUnavailable:
            await attempt()

    async def _run(
        self,
        connection: SharedConnection,
        name: str,
        keys: Sequence[str],
        arguments: Sequence[str | bytes | int],
        *,
        patience: int = 1,
    ) -> object:
        deadline_s = self._deadline_s * patience
        text, digest = _script(name)
        rest = (len(keys), *keys, *arguments)
        try:
            return await connection.call(("EVALSHA", digest, *rest), deadline_s=deadline_s)
        except NoScriptError:
            return await connection.call(("EVAL", text, *rest), deadline_s=deadline_s)


def _prefix(fence: Fence, user_id: UserId) -> str:
    """Return what the keys of a user in a fence's namespace begin with.

    ``user_id`` is 24 hex digits by the time it gets here, so no part can hold a separator. The
    braces keep the keys of one user on one node of a cluster.
    """
    return f"fivefold:{fence.deployment}:{SCHEMA}:{fence.namespace}:{{{user_id}}}:"


def _keys(fence: Fence, user_id: UserId, kinds: CachedValues) -> list[str]:
    prefix = _prefix(fence, user_id)
    return [f"{prefix}writers", *(prefix + kind for kind in kinds)]


def _acquired(answer: bytes) -> Acquired:
    if answer in _EMPTY:
        return Granted(_EMPTY[answer])
    return _REFUSED[answer] if answer in _REFUSED else answer[1:]


@cache
def _script(name: str) -> tuple[str, str]:
    """Return a script and the name by which a server that has seen it knows it."""
    text = (files("service.adapters.redis") / "lua" / f"{name}.lua").read_text()
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
