"""Cached values as entries: their bytes, their lives, and what is known of those that went."""

import random
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from service.codec import CorruptValue
from service.coherence.cache import Empty
from service.coherence.fence import Fence
from service.coherence.lease import boot_clock
from service.domain import Account, CachedValue, TodoId, TodoList, UserId

MAX_ENTRY_BYTES = 256 * 1024
JITTER = 0.1
REMEMBERED = 50_000
DECODED = 4096
DECODED_BYTES = 2048
_account = TypeAdapter(Account)
_ID_BYTES = 24
_NO_REST = b"-" * _ID_BYTES
_REST_AFTER = re.compile(rb"[0-9a-f]{24}")


class Omitted(Enum):
    """Stored in the place of a value: readers ask the database, and do not wait."""

    TOO_LARGE = b"!"


_OMITTED_BYTES = 25
_ROUNDED_S = 0.002
"""What an entry may end too early: its TTL and the clock of Redis are whole milliseconds."""
Value = Account | TodoList | Omitted | None


class Entries:
    """Pack and unpack cached values; tell, as far as this process can, why one is missing.

    ``ttl_s`` holds seconds by cached value; each entry gets up to ten percent more or less, so that
    entries made together do not end together. Of a value whose entry would have more than
    ``max_bytes`` only that is kept. ``clock`` gives seconds, of which only differences are used.
    """

    def __init__(
        self,
        ttl_s: Mapping[CachedValue, float],
        *,
        max_bytes: int = MAX_ENTRY_BYTES,
        clock: Callable[[], float] = boot_clock,
        jitter: Callable[[], float] = lambda: random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311
    ) -> None:
        self._ttl_s = ttl_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._jitter = jitter
        # What is read often is decoded once: the same bytes are the same account. Neither many
        # accounts nor large ones fill the memory.
        self._unpack_account = lru_cache(DECODED)(unpack_account)
        self._ends: OrderedDict[tuple[int, UserId, CachedValue], float] = OrderedDict()

    def unpack(self, user_id: UserId, kind: CachedValue, entry: bytes) -> Value:
        """Return the value of an entry; raises ``CorruptValue``, also for another owner's."""
        if len(entry) <= _OMITTED_BYTES and entry == _omitted(user_id):
            return Omitted.TOO_LARGE
        if kind is CachedValue.TODOS:
            return unpack_todos(user_id, entry)
        small = len(entry) <= DECODED_BYTES
        return (self._unpack_account if small else unpack_account)(user_id, entry)

    def pack(
        self, fence: Fence, user_id: UserId, values: Mapping[CachedValue, Account | TodoList | None]
    ) -> dict[CachedValue, tuple[bytes, float] | None]:
        """Return each value as an entry with its TTL in seconds; ``None`` where there is none."""
        packed: dict[CachedValue, tuple[bytes, float] | None] = {}
        for kind, value in values.items():
            packed[kind] = None
            if value is None:
                continue
            entry = _packed(user_id, value)
            if len(entry) > self._max_bytes:
                entry = _omitted(user_id)
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
        self._ends[key] = self._clock() + ttl_s - _ROUNDED_S
        self._ends.move_to_end(key)
        if len(self._ends) > REMEMBERED:
            self._ends.popitem(last=False)


def _packed(user_id: UserId, value: Account | TodoList) -> bytes:
    return pack_account(value) if isinstance(value, Account) else pack_todos(user_id, value)


def _omitted(user_id: UserId) -> bytes:
    return user_id.encode() + Omitted.TOO_LARGE.value


def holds_value(entry: bytes) -> bool:
    """Tell whether an entry is of a value, and not only of one that was omitted."""
    return len(entry) > _OMITTED_BYTES


def pack_account(account: Account) -> bytes:
    """Return an account as a cache entry."""
    return account.id.encode() + _account.dump_json(account)


def unpack_account(owner: UserId, entry: bytes) -> Account:
    """Return the account of a cache entry; raises ``CorruptValue``, also for another owner's."""
    _ensure_owned(owner, entry)
    try:
        return _account.validate_json(entry[_ID_BYTES:])
    except ValidationError as error:
        raise CorruptValue(str(error)) from error


def pack_todos(owner: UserId, todos: TodoList) -> bytes:
    """Return a todo list as a cache entry: its owner, where the next page begins, its body."""
    return owner.encode() + (todos.rest_after or _NO_REST.decode()).encode() + todos.body


def unpack_todos(owner: UserId, entry: bytes) -> TodoList:
    """Return the todo list of a cache entry; raises ``CorruptValue``, also for another owner's."""
    _ensure_owned(owner, entry)
    rest_after, body = entry[_ID_BYTES : 2 * _ID_BYTES], entry[2 * _ID_BYTES :]
    if not (body.startswith(b"[") and body.endswith(b"]")):
        raise CorruptValue("not a todo list")
    if rest_after == _NO_REST:
        return TodoList(body, None)
    if not _REST_AFTER.fullmatch(rest_after):
        raise CorruptValue("not the id of a todo")
    return TodoList(body, TodoId(rest_after.decode()))


def _ensure_owned(owner: UserId, entry: bytes) -> None:
    # A reply can reach the wrong caller (redis-py #2665): an entry names its owner to be believed.
    if entry[:_ID_BYTES] != owner.encode():
        raise CorruptValue("the entry belongs to another user")
