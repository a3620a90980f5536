"""The hits that a mix must give: of an ideal cache, and from its parameters only."""

import math
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from benchmarks.analysis.model.hit_ratio import cold_run, cold_run_with_writes
from benchmarks.scenarios.base import Draw, Scenario
from benchmarks.scenarios.mix import Mix
from benchmarks.scenarios.popularity import Shares, Zipf
from benchmarks.storage.records import Sample

ROUNDS = 200
"""The number of simulated blocks; with them a hit ratio is off by some thousandths."""


@dataclass(slots=True)
class IdealCache:
    """A cache of two slots per user, in which nothing expires.

    Every operation looks into the user slot and fills it. A read fills the todos as well, and a
    write empties them: only what was read after it can be right.
    """

    reads: int = 0
    todos_hits: int = 0
    user_hits: int = 0
    _todos: set[int] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)

    def read(self, user: int) -> None:
        """Answer a read, from the slots where they hold something."""
        self.reads += 1
        self.todos_hits += user in self._todos
        self.user_hits += user in self._known
        self._todos.add(user)
        self._known.add(user)

    def write(self, user: int) -> None:
        """Take a write."""
        self._todos.discard(user)
        self._known.add(user)


def ideal_hits(block: Iterable[Sample], changes: Collection[str]) -> int:
    """Return how many reads of one block would have been whole hits in an ideal cache.

    ``changes`` names the actions that write. More hits than that are stale answers; fewer mean
    that something was forgotten, which only expiry or a full or lost cache explains.
    """
    ideal = IdealCache()
    for sample in sorted(block, key=lambda sample: (sample.session, sample.index)):
        if sample.action in changes:
            ideal.write(sample.user)
        else:
            ideal.read(sample.user)
    # The todos are never there without their user.
    return ideal.todos_hits


@cache
def simulated(
    mix: Mix, changes: frozenset[str], *, users: int, requests: int, rounds: int = ROUNDS
) -> Mapping[str, float]:
    """Return the mean hit ratio of each slot over simulated blocks of an ideal cache.

    For mixes without a formula; the same arguments always give the same. Raises ``ValueError``
    where no block has a read.
    """
    total = IdealCache()
    for number in range(rounds):
        rng = random.Random(f"ideal {number}")  # noqa: S311 - an order, not a secret
        ideal = IdealCache()
        for operation in mix(Draw(users=users, amount=requests, turn=number, rng=rng)):
            if operation.action in changes:
                ideal.write(operation.user)
            else:
                ideal.read(operation.user)
        total.reads += ideal.reads
        total.todos_hits += ideal.todos_hits
        total.user_hits += ideal.user_hits
    if not total.reads:
        raise ValueError("nothing is read")
    return {"todos": total.todos_hits / total.reads, "user": total.user_hits / total.reads}


TTL_JITTER = 0.1
"""By which part an entry may live longer or shorter than the TTL, as the service has it."""
_TTL = "TODOS_TTL_SECONDS"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPace:
    """The number of operations of a block, and the seconds between them."""

    requests: int
    interval_s: float


def predicted_slots(scenario: Scenario, *, users: int, pace: BlockPace) -> Mapping[str, float]:
    """Return the expected hits per read of the slots ``todos`` and ``user``; empty if unknown.

    Every block starts cold. The user slot is filled by reads and writes, is never invalidated and
    lives for minutes, so each user's first operation alone misses it. The todos are filled by
    reads, emptied by writes, and expire where the scenario's setting makes them do so within a
    block. The most recent users have no formula: there it is the mean of a simulated ideal cache.
    """
    mix = scenario.draw
    if not isinstance(mix, Mix) or mix.reads <= 0:
        return {}
    if not isinstance(mix.popularity, Zipf):
        return simulated(mix, scenario.changes, users=users, requests=pace.requests)
    shares = mix.popularity.shares(users)
    reads, writes = mix.reads * shares, (1 - mix.reads) * shares
    ttl_s = float(dict(scenario.setting.env).get(_TTL, math.inf))
    if math.isinf(ttl_s):
        todos = cold_run_with_writes(reads, writes, requests=pace.requests)
    else:
        todos = paced_run(reads, writes, pace=pace, ttl_s=ttl_s)
    return {"todos": todos, "user": cold_run(shares, requests=pace.requests)}


def paced_run(reads: Shares, writes: Shares, *, pace: BlockPace, ttl_s: float) -> float:
    """Return the hits per read of a block on a schedule, from an empty cache with a TTL.

    Every operation reads key i with the probability r_i and writes it with w_i. The TTL runs from
    the fill, hits do not renew it, and each entry lives L = T (1 +- ``TTL_JITTER``), uniformly.
    Operation k finds key i in the cache when some operation m before it filled it, the entry lives
    still and it was not written since, and fills it when it reads it and does not find it:

        f_k = sum_{m < k} u_m P(L > (k - m) interval) (1 - w_i)^(k - m - 1),   u_k = r_i (1 - f_k).

    This is the renewal argument of ``model.hit_ratio`` in discrete time with its cold start. For
    many operations it becomes h = lambda E[L] / (1 + lambda E[L]). The time of a fill is left out.
    """
    oldest = min(pace.requests, math.ceil(ttl_s * (1 + TTL_JITTER) / pace.interval_s))
    lags = np.arange(1, oldest + 1, dtype=np.float64)
    lives = _outlives(lags * pace.interval_s, ttl_s)
    kept = lives[:, None] * (1 - writes)[None, :] ** (lags - 1)[:, None]
    fills = np.zeros((pace.requests, len(reads)))
    hits = 0.0
    for k in range(pace.requests):
        reach = min(k, len(lags))
        # The last fill first, as the lags go.
        found = (fills[k - reach : k][::-1] * kept[:reach]).sum(axis=0)
        fills[k] = reads * (1 - found)
        hits += float(reads @ found)
    return hits / (pace.requests * float(reads.sum()))


def _outlives(ages_s: Shares, ttl_s: float) -> Shares:
    """Return the probability that an entry is older than each age when it ends."""
    longest, spread = ttl_s * (1 + TTL_JITTER), 2 * TTL_JITTER * ttl_s
    return np.clip((longest - ages_s) / spread, 0.0, 1.0)
