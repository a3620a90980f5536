"""How much of Redis' memory entries take."""

# Measured on Redis 8.2.3 (jemalloc, 64 bit) with the service's keys of 54 bytes: for values of
# 181, 500, 1000, 2000, 4096, 6806, 8000 and 20000 bytes `MEMORY USAGE <key>` answers 288, 608,
# 1120, 2144, 5216, 7264, 8288 and 20576: a size class of the allocator that holds the value and
# its string header, and 96 bytes for the object with its key. `INFO memory` grows by up to another
# 34 bytes per key (the two hash tables, of keys and of expiries).
_OBJECT_BYTES = 96
_TABLE_BYTES = 34
OVERHEAD_BYTES = _OBJECT_BYTES + _TABLE_BYTES
"""What an entry takes beside its value."""

_HEADER_BYTES = 6
_SMALLEST_CLASS = 16
_CLASSES_PER_DOUBLING = 4
_EVEN_UP_TO = 128


def entry_bytes_in_redis(value_bytes: int) -> int:
    """Return the bytes that one entry takes, its key of about 50 bytes and its expiry included."""
    return _allocated(value_bytes + _HEADER_BYTES) + OVERHEAD_BYTES


def _allocated(size: int) -> int:
    """Return the size class of jemalloc: steps of 16 up to 128, then four per power of two."""
    step = _SMALLEST_CLASS
    if size > _EVEN_UP_TO:
        step = (1 << (size - 1).bit_length() - 1) // _CLASSES_PER_DOUBLING
    return -(-size // step) * step
