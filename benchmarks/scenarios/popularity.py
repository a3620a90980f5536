"""Whom the operations of a mix are about: some users more often than others."""

import math
import random
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Shares: TypeAlias = "npt.NDArray[np.float64]"

YCSB_SKEW = 0.99
"""The skew of YCSB's core workloads."""


def zipf(keys: int, skew: float) -> Shares:
    """Return the share of each of N keys, the most popular first: p_i = i^-s / sum_j j^-s.

    A true Zipf over these keys; ``skew`` 0 is uniform. YCSB's ``scrambled zipfian`` is something
    else: it draws from 10^10 items and folds them, so that of 1000 keys the first one gets 3.8 %
    and not 12.9 %. Raises ``ValueError``.
    """
    # A scenario's name, as in a command's help, need not wait for it.
    import numpy as np  # noqa: PLC0415

    if keys < 1 or skew < 0:
        raise ValueError("needs at least one key, and a skew of 0 or more")
    weights: Shares = np.arange(1, keys + 1, dtype=np.float64) ** -skew
    shares: Shares = weights / weights.sum()
    return shares


@dataclass(frozen=True, slots=True)
class Choice:
    """Draws who reads and who writes next, for the operations of one block."""

    reader: Callable[[], int]
    writer: Callable[[], int]


class Popularity(Protocol):
    """The popularity of users."""

    def choice(self, users: int, rng: random.Random) -> Choice:
        """Start a block; equal generators draw equal users."""
        ...


@dataclass(frozen=True, slots=True)
class Zipf:
    """The i-th most popular of N users has the share i^-s / sum_j j^-s; ``skew`` 0 is uniform.

    Each block draws anew who is how popular, so that what one user's data happen to be does not
    weigh.
    """

    skew: float = YCSB_SKEW

    def choice(self, users: int, rng: random.Random) -> Choice:
        """Start a block with a random order of popularity."""
        rank, order = _ranks(zipf(users, self.skew), rng), _shuffled(users, rng)

        def draw() -> int:
            return order[rank()]

        return Choice(draw, draw)


UNIFORM = Zipf(skew=0.0)
"""All users alike."""
HOTTEST = Zipf(skew=math.inf)
"""One user of a block is drawn every time."""


@dataclass(frozen=True, slots=True)
class Latest:
    """As YCSB's workload D: the last writer is read most; any user may write next.

    Reads draw a Zipf over the order of the last writes. No user's share stays what it was.
    """

    skew: float = YCSB_SKEW

    def choice(self, users: int, rng: random.Random) -> Choice:
        """Start a block with a random order of earlier writes."""
        rank, order = _ranks(zipf(users, self.skew), rng), _shuffled(users, rng)

        def write() -> int:
            order.insert(0, order.pop(rng.randrange(users)))
            return order[0]

        return Choice(lambda: order[rank()], write)


def _ranks(shares: Shares, rng: random.Random) -> Callable[[], int]:
    bounds = list(accumulate(shares.tolist()))
    # Rounding may leave the last bound a little below 1.
    return lambda: bisect(bounds, rng.random(), hi=len(bounds) - 1)


def _shuffled(users: int, rng: random.Random) -> list[int]:
    return rng.sample(range(users), users)
