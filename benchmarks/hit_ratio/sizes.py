"""How large the service's cached values are, and Redis when it is empty."""

# What the service stores: one byte that marks a value, the owner's id, for a list also where its
# next page begins, and the answer's JSON. The JSON of a todo beside its text, and of an account,
# are those of benchmarks.dataset; names, dates and missing dates move them by a few bytes.
_MARK, _ID = 1, 24
_TODO_BYTES = 238
_USER_BYTES = 156
_BRACKETS = 2

EMPTY_REDIS_BYTES = 1_350_000
"""``used_memory`` of Redis 8.2 with the service connected and nothing stored; a measurement takes
what Redis says instead."""


def todos_value_bytes(todos: int, payload_bytes: int) -> int:
    """Return the bytes of a list's value with so many todos, each with a text of so many bytes."""
    return todos_entry_bytes(_BRACKETS + todos * (_TODO_BYTES + payload_bytes))


def todos_entry_bytes(body_bytes: int) -> int:
    """Return the bytes of a list's value, given the bytes of the answer's body."""
    return _MARK + 2 * _ID + body_bytes


def user_value_bytes() -> int:
    """Return the bytes of an account's value."""
    return _MARK + _ID + _USER_BYTES
