"""The cache as the protocol needs it: conditional on tokens, so that a late command is harmless."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from service.coherence.fence import Fence
from service.domain import CachedValue, UserId
from service.ports import CachedValues


class CacheUnavailable(Exception):
    """The cache did not confirm; whether, and when, the command runs is unknown."""

    def __init__(self, reason: str = "unconfirmed") -> None:
        super().__init__(reason)
        self.reason = reason


class Empty(StrEnum):
    """Why there is no cached value."""

    ABSENT = "absent"
    INVALIDATED = "invalidated"


class Refusal(StrEnum):
    """Why a reader may not fill in a missing value."""

    FILLING = "filling"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Granted:
    """The reader may fill in the value, which was missing for this reason."""

    was: Empty


Acquired = bytes | Granted | Refusal


class Marks(Protocol):
    """A writer's side of the cache, in the namespace of a fence.

    Every method is one round trip and raises ``CacheUnavailable``.
    """

    async def mark(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values and keep readers of this user from filling until cleared."""
        ...

    async def clear(self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str) -> None:
        """Empty these cached values, void every fill token, and take the writer's mark away."""
        ...


class LeasedCache(Marks, Protocol):
    """Values and writers' marks in the namespace of a fence, on the server run that it names.

    Every method is one round trip and raises ``CacheUnavailable``.
    """

    async def get(
        self, fence: Fence, user_id: UserId, kinds: CachedValues
    ) -> Sequence[bytes | None]:
        """Return these cached values."""
        ...

    async def acquire(
        self, fence: Fence, user_id: UserId, kinds: CachedValues, token: str
    ) -> Mapping[CachedValue, Acquired]:
        """Ask for the right to fill; the second one gets the value, or has to wait."""
        ...

    async def fill(
        self,
        fence: Fence,
        user_id: UserId,
        token: str,
        values: Mapping[CachedValue, tuple[bytes, float] | None],
    ) -> AbstractSet[CachedValue]:
        """Store values with their TTL in seconds where the token still stands; return which.

        ``None`` stores nothing and gives the token back.
        """
        ...
