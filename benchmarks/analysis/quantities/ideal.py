"""What a cache that never forgets and is never stale would have answered."""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from benchmarks.scenarios.base import Draw
from benchmarks.scenarios.mix import Mix
from benchmarks.storage.records import Sample

ROUNDS = 200
"""How many blocks are simulated; with them a hit ratio is off by some thousandths."""


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
