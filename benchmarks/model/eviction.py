"""The hit ratio where expiry, writes and a full memory all end entries.

A cache that drops what was read longest ago drops an entry once nobody has read it for a time t
that is nearly the same for every entry: Che's approximation (Che, Tung, Wang, JSAC 2002; METHOD
1.4). So an entry ends with the first of three things: its TTL, a write, or a gap of t without a
read. Which t it is follows from the memory: the entries that are there on average have to fill it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw

from benchmarks.model.hit_ratio import expiring, renewed_by_hits
from benchmarks.model.popularity import Shares

# A gap's survival is followed step by step over so many gaps; then it decays at a constant rate.
_GAPS, _STEPS = 8, 16
# Below this, a difference of exponentials has fewer digits than the first terms of its series.
_SMALL = 1e-3
_MANY = 50.0
_SHORTEST = 1e-6
_TOLERANCE = 1e-5
_BRANCH_POINT = -math.exp(-1) * (1 - 1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Entries of one size, one for each key: how often a key is read and written per second.

    The TTL runs from the fill and hits do not renew it. In ``keys`` stands for how many keys each
    of the rates is (1 where every key has one of its own).
    """

    reads: Shares
    writes: Shares
    keys: Shares
    entry_bytes: float
    ttl_s: float = math.inf

    def ratios(self, gap_s: float) -> Shares:
        """Return each key's hit ratio where a gap of ``gap_s`` without a read ends an entry.

        Reads come at random, so it is also the part of the time in which its entry is there.
        """
        return bounded(self.reads, self.writes, ttl_s=self.ttl_s, gap_s=gap_s)

    def ratios_at_random(self, evictions: float) -> Shares:
        """Return each key's hit ratio where every entry ends ``evictions`` times a second."""
        return expiring(self.reads, self.writes + evictions, ttl_s=self.ttl_s)

    def filled_bytes(self, ratios: Shares) -> float:
        """Return the memory that these entries take on average."""
        return float((ratios * self.keys).sum()) * self.entry_bytes


def bounded(
    reads: Shares, writes: Shares | float = 0.0, *, ttl_s: float = math.inf, gap_s: float = math.inf
) -> Shares:
    """Return each key's hit ratio where a TTL, a write or a gap without a read ends an entry.

    From a fill at 0 the entry lives at time s if it did not expire (s < T), was not written
    (e^(-omega s)) and no gap of ``gap_s`` = t passed without a read, A(s). Reads are Poisson, so

        hits per fill  H = integral_0^T lambda e^(-omega s) A(s) ds,   h = H / (1 + H).

    A(s) = 1 up to t. At t it falls by e^(-lambda t), the chance of no read since the fill, and from
    there a gap ends at s if there was a read at s - t and none since:

        A'(s) = -a A(s - t),   a = lambda e^(-lambda t),

    a renewal argument in the manner of METHOD 1.4. It is solved gap by gap; after some, A decays
    as e^(-theta s), where theta = a e^(theta t) is the root that is not lambda (Lambert's W).

    Special cases: ``gap_s`` >= T gives :func:`expiring`, no TTL gives :func:`renewed_by_hits`, and
    that without writes is Che's 1 - e^(-lambda t).
    """
    every = np.broadcast_to(np.asarray(writes, float), reads.shape)
    if ttl_s <= gap_s:
        return expiring(reads, every, ttl_s=ttl_s)
    if math.isinf(ttl_s):
        return renewed_by_hits(reads, every, ttl_s=gap_s)
    hits = _hits_per_fill(reads * gap_s, every * gap_s, ttl_s / gap_s)
    return np.asarray(np.where(reads > 0, hits / (1 + hits), 0.0))


def gap_that_fits_s(kinds: Sequence[Kind], *, room_bytes: float) -> float:
    """Return after how many seconds without a read entries are dropped; infinite if all fit.

    It is the one with which the entries that are there on average fill the memory. Raises
    ``ValueError`` for no room.
    """

    def filled(gap_s: float) -> float:
        return sum(kind.filled_bytes(kind.ratios(gap_s)) for kind in kinds)

    if filled(math.inf) <= _checked(room_bytes):
        return math.inf
    return _solved(lambda gap_s: filled(gap_s) - room_bytes, kinds)


def evictions_that_fit(kinds: Sequence[Kind], *, room_bytes: float) -> float:
    """Return how often per second each entry is dropped by a cache that drops any; 0 if all fit.

    That is the least that a cache of this size can do: it takes no notice of what was read. Raises
    ``ValueError`` for no room.
    """

    def filled(evictions: float) -> float:
        return sum(kind.filled_bytes(kind.ratios_at_random(evictions)) for kind in kinds)

    if filled(0.0) <= _checked(room_bytes):
        return 0.0
    return 1 / _solved(lambda lifetime_s: filled(1 / lifetime_s) - room_bytes, kinds)


def _checked(room_bytes: float) -> float:
    if room_bytes <= 0:
        raise ValueError("there is no room for any entry")
    return room_bytes


def _solved(excess: Callable[[float], float], kinds: Sequence[Kind]) -> float:
    """Return the seconds at which what rises with them is nothing."""
    rates = np.concatenate([kind.reads for kind in kinds])
    slowest, fastest = float(rates[rates > 0].min()), float(rates.sum())
    low, high = math.log(_SHORTEST / fastest), math.log(_MANY / slowest)
    while excess(math.exp(low)) > 0:
        low -= _MANY
    while excess(math.exp(high)) < 0:
        high += 1.0
    return math.exp(brentq(lambda log_s: excess(math.exp(log_s)), low, high, xtol=_TOLERANCE))


def _hits_per_fill(reads: Shares, writes: Shares, lifetime: float) -> Shares:
    """Return H; all times are in gaps, of which ``lifetime`` holds more than one."""
    ending = reads * np.exp(-reads)  # a
    alive = np.ones((_STEPS + 1, len(reads)))
    weights = _cell_weights(writes / _STEPS)
    hits = np.zeros(len(reads))
    gaps = min(math.ceil(lifetime), _GAPS)
    for gap in range(gaps):
        part = min(1.0, lifetime - gap)
        hits += np.exp(-writes * gap) * _integral(alive, writes, weights, part)
        passed = np.zeros_like(alive)
        np.cumsum((alive[1:] + alive[:-1]) / (2 * _STEPS), axis=0, out=passed[1:])
        start = alive[-1] - (np.exp(-reads) if gap == 0 else 0.0)
        alive = start - ending * passed
    if lifetime > gaps:
        decay = _decay(reads) + writes
        hits += np.exp(-writes * gaps) * alive[0] * _decayed(decay, lifetime - gaps)
    return reads * hits


def _integral(alive: Shares, writes: Shares, weights: tuple[Shares, Shares], part: float) -> Shares:
    """Return the integral of e^(-omega u) A(u) from 0 to ``part`` of a gap, A linear in steps."""
    first, second = weights
    steps = np.arange(_STEPS)[:, None] / _STEPS
    cells = np.exp(-writes * steps) * (first * alive[:-1] + second * alive[1:]) / _STEPS
    whole = int(part * _STEPS)
    total = cells[:whole].sum(axis=0)
    if whole < _STEPS:
        total = total + cells[whole] * (part * _STEPS - whole)
    return np.asarray(total)


def _cell_weights(writes: Shares) -> tuple[Shares, Shares]:
    """Return the integrals of e^(-z v) (1 - v) and of e^(-z v) v over v from 0 to 1."""
    z = np.where(writes > _SMALL, writes, 1.0)
    both = -np.expm1(-z) / z
    second = (both - np.exp(-z)) / z
    small = writes <= _SMALL
    return (
        np.where(small, 0.5 - writes / 6, both - second),
        np.where(small, 0.5 - writes / 3, second),
    )


def _decay(reads: Shares) -> Shares:
    """Return theta per gap: the root of theta = a e^theta that is not lambda itself."""
    branch = np.where(reads < 1, -1, 0)
    # At -1 / e the branches meet, and W is not defined below.
    argument = np.maximum(-reads * np.exp(-reads), _BRANCH_POINT)
    return np.asarray(-lambertw(argument, branch).real)


def _decayed(rate: Shares, span: float) -> Shares:
    """Return the integral of e^(-rate s) over a span, which without a rate is the span."""
    z = rate * span
    safe = np.where(z > _SMALL, z, 1.0)
    return np.asarray(span * np.where(z > _SMALL, -np.expm1(-safe) / safe, 1 - z / 2))
