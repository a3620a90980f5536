"""How many workers, and how much Redis and database, a rate of requests takes.

Everything is bought in processor time: each kind of operation costs a worker, Redis and the
database so many milliseconds of one core, and a core is filled to a share of its time. With the
rate R, the share of writes w and the hit ratio h, each of the three is busy

    cores = R [(1 - w)(h hit + (1 - h) miss) + w write] / 1000,

and without a cache (1 - w) read + w write. What every process does when nobody asks for anything,
a lease renewed and a look at Redis each third of a lease, comes on top.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.model.fence import Intervals

_MS_PER_S = 1000.0
_BITS = 8
FINDS = 2
"""What an uncached read asks of the database: the account and the list."""
COMMANDS = {"hit": 1, "miss": 3, "write": 3}
"""What each kind asks of Redis: MGET; then acquire and fill; or mark and clear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds of one core that an operation takes; ``read`` is one without a cache."""

    hit: float = 0.0
    miss: float = 0.0
    write: float = 0.0
    read: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What an operation costs each part, and ``info`` and ``fence`` what a process costs idle.

    ``info`` is one look of a process at Redis, ``fence`` one renewal of its lease.
    """

    worker: Cost
    redis: Cost
    database: Cost
    info: float
    fence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is asked of the service, and how full a core may be.

    ``answer_bytes`` is the body of a read, ``entry_bytes`` what a user takes in Redis.
    """

    rate: float
    hit_ratio: float
    writes: float
    users: int
    answer_bytes: int
    entry_bytes: int
    busy: float = 0.6
    node_bytes: float = 16 * 2**30
    worker_bytes: float = 115 * 2**20
    intervals: Intervals = field(default_factory=Intervals)

    @property
    def mix(self) -> Mapping[str, float]:
        """Return the operations per second of each kind, with a cache."""
        reads = self.rate * (1 - self.writes)
        return {
            "hit": reads * self.hit_ratio,
            "miss": reads * (1 - self.hit_ratio),
            "write": self.rate * self.writes,
        }

    @property
    def mix_without(self) -> Mapping[str, float]:
        """Return the operations per second of each kind, without a cache."""
        return {"read": self.rate * (1 - self.writes), "write": self.rate * self.writes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What it takes; ``*_without`` is the same service without a cache.

    Rates are per second, cores are those that are busy.
    """

    workers: int
    workers_without: int
    worker_bytes: float
    redis_commands: float
    redis_cores: float
    redis_bytes: float
    redis_nodes: int
    client_bits: float
    redis_bits: float
    finds: float
    finds_without: float
    writes: float
    renewals: float
    database_cores: float
    database_cores_without: float
    looks_cores: float
    fence_cores: float


def plan(demand: Demand, costs: Costs) -> Fleet:
    """Return what a demand takes; raises ``ValueError`` for cores that may not be used at all."""
    if not 0 < demand.busy <= 1:
        raise ValueError(f"a core is busy for a share of its time, not {demand.busy}")
    mix, without = demand.mix, demand.mix_without
    workers = _whole(_cores(mix, costs.worker) / demand.busy)
    renewals = workers / demand.intervals.renew_s
    looks_cores = renewals * costs.info / _MS_PER_S
    fence_cores = renewals * costs.fence / _MS_PER_S
    redis_cores = _cores(mix, costs.redis) + looks_cores
    held_bytes = float(demand.users * demand.entry_bytes)
    read_bytes = demand.answer_bytes * (mix["hit"] + mix["miss"])
    return Fleet(
        workers=workers,
        workers_without=_whole(_cores(without, costs.worker) / demand.busy),
        worker_bytes=workers * demand.worker_bytes,
        redis_commands=sum(mix[kind] * count for kind, count in COMMANDS.items()) + renewals,
        redis_cores=redis_cores,
        redis_bytes=held_bytes,
        redis_nodes=max(_whole(redis_cores / demand.busy), _whole(held_bytes / demand.node_bytes)),
        client_bits=read_bytes * _BITS,
        # A hit carries the list out, a miss carries it in.
        redis_bits=read_bytes * _BITS,
        finds=mix["miss"] * FINDS,
        finds_without=without["read"] * FINDS,
        writes=mix["write"],
        renewals=renewals,
        database_cores=_cores(mix, costs.database) + fence_cores,
        database_cores_without=_cores(without, costs.database),
        looks_cores=looks_cores,
        fence_cores=fence_cores,
    )


def _cores(mix: Mapping[str, float], cost: Cost) -> float:
    return sum(rate * float(getattr(cost, kind)) for kind, rate in mix.items()) / _MS_PER_S


def _whole(amount: float) -> int:
    return max(1, math.ceil(amount))
