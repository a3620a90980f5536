"""The workers, Redis nodes and database cores that a rate of requests takes.

Everything is bought in processor time: each kind of operation costs a worker, Redis and the
database so many milliseconds of one core, and a core is filled to a share of its time. With the
rate R, the share of writes w and the hit ratio h, each of the three is busy

    cores = R [(1 - w)(h hit + (1 - h) miss) + w write] / 1000,

and without a cache R [(1 - w) read + w write] / 1000. What every idle worker does,
a lease renewed and a look at Redis each third of a lease, comes on top.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.analysis.model.observed import MS_PER_S

BUSY = 0.6
"""The share of its time that a core may work."""
NODE_BYTES = 16 * 2**30
"""The memory of a Redis node; it executes commands on one core."""

_RENEW_S = 0.3
"""A third of the service's default lease."""
_FINDS = 2
"""Finds of an uncached read: the account and the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTime:
    """Milliseconds of one core that an operation takes; ``read`` is one without a cache.

    ``idle`` is what a worker makes others do each third of a lease: a look at Redis, a renewal.
    """

    hit: float = 0.0
    miss: float
    write: float
    read: float = 0.0
    idle: float = 0.0


# Of the last ``make performance``, which a test compares; ``idle`` is from 2026-11-23, the least of
# five runs. docs/scale.md says how they are measured.
WORKER = CoreTime(hit=0.082, miss=1.7, write=2.6, read=1.3)
REDIS = CoreTime(hit=0.0064, miss=0.19, write=0.31, read=0.0058, idle=0.08)
DATABASE = CoreTime(hit=0.0011, miss=2.4, write=27.0, read=2.2, idle=0.36)
MEASURED_ON = "SecantusDB 0.7.0b3 in place of MongoDB, and Redis 7.0.15"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The needs of a rate; ``*_without`` is the same service without a cache.

    Rates are per second, cores are those that are busy.
    """

    workers: int
    workers_without: int
    redis_nodes: int
    redis_cores: float
    finds: float
    finds_without: float
    writes: float
    renewals: float
    database_cores: float
    database_cores_without: float


def size_for(rate: float, *, hit_ratio: float, writes: float, entries_bytes: float) -> Sizing:
    """Return what so many requests per second take; ``entries_bytes`` is what Redis has to hold."""
    reads = rate * (1 - writes)
    cached = {"hit": reads * hit_ratio, "miss": reads * (1 - hit_ratio), "write": rate * writes}
    without = {"read": reads, "write": rate * writes}
    workers = _whole(_cores(cached, WORKER) / BUSY)
    renewals = workers / _RENEW_S
    cached["idle"] = renewals
    redis_cores = _cores(cached, REDIS)
    return Sizing(
        workers=workers,
        workers_without=_whole(_cores(without, WORKER) / BUSY),
        redis_nodes=max(_whole(redis_cores / BUSY), _whole(entries_bytes / NODE_BYTES)),
        redis_cores=redis_cores,
        finds=cached["miss"] * _FINDS,
        finds_without=reads * _FINDS,
        writes=cached["write"],
        renewals=renewals,
        database_cores=_cores(cached, DATABASE),
        database_cores_without=_cores(without, DATABASE),
    )


def _cores(per_s: Mapping[str, float], costs: CoreTime) -> float:
    return sum(rate * float(getattr(costs, kind)) for kind, rate in per_s.items()) / MS_PER_S


def _whole(amount: float) -> int:
    return max(1, math.ceil(amount))


# Measured on Redis 8.2.3 (jemalloc, 64 bit) with the service's keys of 54 bytes: for values of
# 181, 500, 1000, 2000, 4096, 6806, 8000 and 20000 bytes `MEMORY USAGE <key>` answers 288, 608,
# 1120, 2144, 5216, 7264, 8288 and 20576: a size class of the allocator that holds the value and
# its string header, and 96 bytes for the object with its key. `INFO memory` grows by up to another
# 34 bytes per key (the two hash tables, of keys and of expiries).
_OBJECT_BYTES = 96
_TABLE_BYTES = 34
OVERHEAD_BYTES = _OBJECT_BYTES + _TABLE_BYTES
"""Bytes that an entry takes beside its value."""

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
