"""Cached values as entries: how long they live, and what is remembered of those that went."""

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from service.codec import pack_account, pack_todos
from service.coherence.cache import Empty
from service.coherence.fence import Fence
from service.coherence.lease import boot_clock
from service.domain import Account, CachedValue, TodoList, UserId

Value = Account | TodoList | None
MAX_ENTRY_BYTES = 256 * 1024
JITTER = 0.1
REMEMBERED = 50_000


class Entries:
    """Pack cached values; tell, as far as this process can, why one is missing.

    ``ttl_s`` holds seconds by cached value; each entry gets up to ten percent more or less, so that
    entries made together do not end together. ``clock`` gives seconds, of which only differences
    are used.
    """

    def __init__(
        self,
        ttl_s: Mapping[CachedValue, float],
        *,
        clock: Callable[[], float] = boot_clock,
        jitter: Callable[[], float] = lambda: random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311
    ) -> None:
        self._ttl_s = ttl_s
        self._clock = clock
        self._jitter = jitter
        self._ends: OrderedDict[tuple[int, UserId, CachedValue], float] = OrderedDict()

    def pack(
        self, fence: Fence, user_id: UserId, values: Mapping[CachedValue, Value]
    ) -> dict[CachedValue, tuple[bytes, float] | None]:
        """Return each value as an entry with its TTL in seconds; ``None`` where it is not kept."""
        packed: dict[CachedValue, tuple[bytes, float] | None] = {}
        for kind, value in values.items():
            packed[kind] = None
            if value is None:
                continue
            if isinstance(value, Account):
                entry = pack_account(value)
            else:
                entry = pack_todos(user_id, value)
            if len(entry) <= MAX_ENTRY_BYTES:
                ttl_s = self._ttl_s[kind] * self._jitter()
                packed[kind] = entry, ttl_s
                self._remember((fence.namespace, user_id, kind), ttl_s)
        return packed

    def forget(self, fence: Fence, user_id: UserId, kinds: Iterable[CachedValue]) -> None:
        """Take back that these cached values were stored: the cache refused them."""
        for kind in kinds:
            self._ends.pop((fence.namespace, user_id, kind), None)

    def why_empty(self, fence: Fence, user_id: UserId, kind: CachedValue, was: Empty) -> str:
        """Say why there was no value: ``invalidated``, ``cold``, ``expired`` or ``evicted``.

        Only an invalidation leaves a trace in the cache. The others are told apart by what this
        process itself stored; what another process stored and lost counts as ``cold``.
        """
        end = self._ends.pop((fence.namespace, user_id, kind), None)
        if was is Empty.INVALIDATED:
            return was
        if end is None:
            return "cold"
        return "expired" if self._clock() >= end else "evicted"

    def _remember(self, key: tuple[int, UserId, CachedValue], ttl_s: float) -> None:
        self._ends[key] = self._clock() + ttl_s
        self._ends.move_to_end(key)
        if len(self._ends) > REMEMBERED:
            self._ends.popitem(last=False)
