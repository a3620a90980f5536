"""The cache as the protocol needs it: conditional on tokens, so that a late command is harmless."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from service.coherence.fence import Fence
from service.domain import CachedValue, UserId
from service.ports import Slots


class CacheUnavailable(Exception):
    """The cache did not confirm; whether, and when, the command runs is unknown."""

    def __init__(self, reason: str = "unconfirmed") -> None:
        super().__init__(reason)
        self.reason = reason


class Empty(StrEnum):
    """Why a slot holds no value."""

    ABSENT = "absent"
    INVALIDATED = "invalidated"


class Refusal(StrEnum):
    """Why a reader may not fill an empty slot."""

    FILLING = "filling"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Granted:
    """The reader may fill the slot, which was empty for this reason."""

    was: Empty


Acquired = bytes | Granted | Refusal


class Marks(Protocol):
    """A writer's side of the cache, in the namespace of a fence.

    Every method is one round trip and raises ``CacheUnavailable``.
    """

    async def mark(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots and keep readers of this user from filling until cleared."""
        ...

    async def clear(self, fence: Fence, user_id: UserId, slots: Slots, token: str) -> None:
        """Empty these slots, void every fill token, and take the writer's mark away."""
        ...


class LeasedCache(Marks, Protocol):
    """Values and writers' marks in the namespace of a fence, on the server run that it names.

    Every method is one round trip and raises ``CacheUnavailable``.
    """

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        """Return the values of these slots."""
        ...

    async def acquire(
        self, fence: Fence, user_id: UserId, slots: Slots, token: str
    ) -> Mapping[CachedValue, Acquired]:
        """Ask for the right to fill; who comes second gets the value, or is told to wait."""
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
