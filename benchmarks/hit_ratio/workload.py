"""The hit ratio that follows from a workload and the size of its cache; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from benchmarks.analysis.evicting import Sizes
from benchmarks.model.eviction import Kind, evictions_that_fit, gap_that_fits_s
from benchmarks.model.hit_ratio import cold_run_with_writes, mean_hit_ratio
from benchmarks.model.memory import entry_bytes_in_redis
from benchmarks.model.popularity import Shares, zipf

# So many users are counted one by one; of more, the less popular ones are taken together.
_ALONE, _GROUPS = 200, 200
_TRACE_BYTES = 1
_TTLS_S = (1e-3, 1e9)
_PRECISION = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Users who read and write their lists at random, and the cache before them.

    ``rate`` is operations per second of all users together, ``writes`` the share of writes,
    ``skew`` how unequal the users are (Zipf). The sizes are of the cached values in bytes;
    ``room_bytes`` is what Redis has for entries, None for as much as there are.
    """

    users: int
    skew: float
    rate: float
    writes: float
    ttl_s: float
    user_ttl_s: float
    todos_bytes: int
    user_bytes: int
    room_bytes: float | None = None

    @property
    def sizes(self) -> Sizes:
        """Return what each kind of entry takes in Redis."""
        return Sizes(
            user=entry_bytes_in_redis(self.user_bytes),
            todos=entry_bytes_in_redis(self.todos_bytes),
            trace=entry_bytes_in_redis(_TRACE_BYTES),
        )

    @property
    def pair_bytes(self) -> float:
        """Return what both slots of one user take in Redis."""
        return self.sizes.todos + self.sizes.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What must come of a workload once the cache has warmed up.

    ``gap_s`` is after how long without a read Redis drops an entry, infinite where all fit.
    ``at_random`` is the hit ratio of the lists in a cache that drops any entry instead of the
    oldest: the least that this memory can give. ``lists`` and ``accounts`` are how many entries of
    each slot are there on average.
    """

    todos: float
    user: float
    at_random: float
    gap_s: float
    lists: float
    accounts: float
    filled_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The hit ratio of the lists where one thing alone ends entries, 1 where it does not bind."""

    ttl: float
    writes: float
    memory: float
    cold: float
    """Of the first TTL from an empty cache, in which nothing expires yet."""

    @property
    def binding(self) -> str:
        """Return what binds most once the cache is warm, empty if nothing does."""
        by_name = {"ttl": self.ttl, "writes": self.writes, "memory": self.memory}
        name = min(by_name, key=lambda each: by_name[each])
        return name if by_name[name] < 1 else ""


def foresee(workload: Workload) -> Foreseen:
    """Compute what must come of a workload; raises ``ValueError`` for a cache without room."""
    kinds = _kinds(workload)
    gap_s, evictions = _gap_s(workload, kinds), 0.0
    if workload.room_bytes is not None:
        evictions = evictions_that_fit(kinds, room_bytes=workload.room_bytes)
    ratios = [kind.ratios(gap_s) for kind in kinds]
    lists, accounts, _ = (
        float((each * kind.keys).sum()) for each, kind in zip(ratios, kinds, strict=True)
    )
    todos = kinds[0]
    weights = todos.reads * todos.keys
    return Foreseen(
        todos=mean_hit_ratio(ratios[0], weights),
        user=mean_hit_ratio(ratios[1], weights),
        at_random=mean_hit_ratio(todos.ratios_at_random(evictions), weights),
        gap_s=gap_s,
        lists=lists,
        accounts=accounts,
        filled_bytes=sum(kind.filled_bytes(each) for kind, each in zip(kinds, ratios, strict=True)),
    )


def limits(workload: Workload) -> Limits:
    """Return what each limit alone would leave."""
    endless = replace(workload, ttl_s=math.inf, user_ttl_s=math.inf, writes=0.0)
    shares = zipf(workload.users, workload.skew)
    return Limits(
        ttl=_warm(replace(workload, writes=0.0, room_bytes=None)),
        writes=1 - workload.writes,
        memory=_warm(endless),
        cold=cold_run_with_writes(
            shares * (1 - workload.writes),
            shares * workload.writes,
            requests=max(1, round(workload.rate * workload.ttl_s)),
        ),
    )


def ttl_for_s(workload: Workload, hit_ratio: float) -> float | None:
    """Return the TTL in seconds that gives the lists this hit ratio, None if none does."""

    def short_by(log_ttl: float) -> float:
        return _warm(replace(workload, ttl_s=math.exp(log_ttl))) - hit_ratio

    shortest, longest = (math.log(each) for each in _TTLS_S)
    if short_by(longest) < 0:
        return None
    if short_by(shortest) >= 0:
        return _TTLS_S[0]
    return math.exp(brentq(short_by, shortest, longest, xtol=_PRECISION))


def footprint_bytes(workload: Workload) -> float:
    """Return what the entries of the workload would fill if there were room for all."""
    return foresee(replace(workload, room_bytes=None)).filled_bytes


def _warm(workload: Workload) -> float:
    """Return the hit ratio of the lists, and nothing else of what is foreseen."""
    kinds = _kinds(workload)
    todos = kinds[0]
    ratios = todos.ratios(_gap_s(workload, kinds))
    return mean_hit_ratio(ratios, todos.reads * todos.keys)


def _gap_s(workload: Workload, kinds: Sequence[Kind]) -> float:
    if workload.room_bytes is None:
        return math.inf
    return gap_that_fits_s(kinds, room_bytes=workload.room_bytes)


def _kinds(workload: Workload) -> tuple[Kind, Kind, Kind]:
    """Return the lists, the accounts, and the traces that writes leave for the next reader.

    Every operation looks up the account. A trace is there while the last operation was a write, so
    it is "filled" by writes and ended by reads.
    """
    shares, keys = _grouped(workload.users, workload.skew)
    reads = shares * workload.rate * (1 - workload.writes)
    writes = shares * workload.rate * workload.writes
    sizes = workload.sizes
    return (
        Kind(reads=reads, writes=writes, keys=keys, entry_bytes=sizes.todos, ttl_s=workload.ttl_s),
        Kind(
            reads=reads + writes,
            writes=np.zeros_like(writes),
            keys=keys,
            entry_bytes=sizes.user,
            ttl_s=workload.user_ttl_s,
        ),
        Kind(reads=writes, writes=reads, keys=keys, entry_bytes=sizes.trace),
    )


def _grouped(users: int, skew: float) -> tuple[Shares, Shares]:
    """Return the share of each user, and how many users have that share.

    Users of nearly the same rank get the mean of their shares, which moves a hit ratio by less
    than a thousandth.
    """
    shares = zipf(users, skew)
    if users <= _ALONE + _GROUPS:
        return shares, np.ones(users)
    ranks = np.geomspace(_ALONE, users, _GROUPS).round().astype(int)
    edges = np.unique(np.concatenate([np.arange(_ALONE), ranks]))
    keys = np.diff(edges).astype(float)
    return np.add.reduceat(shares, edges[:-1]) / keys, keys
