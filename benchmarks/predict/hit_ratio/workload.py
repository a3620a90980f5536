"""The hit ratio that follows from a workload, and its curve along each axis; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.analysis.model.hit_ratio import (
    cold_run_with_writes,
    expiring,
    mean_hit_ratio,
    shortest_ttl_s,
)
from benchmarks.predict.hit_ratio.question import Workload
from benchmarks.scenarios.popularity import Shares, zipf

# So many users are counted one by one; of more, the less popular ones are taken together.
_ALONE, _GROUPS = 200, 200
_TTLS_S = (1e-3, 1e9)
_PRECISION = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedHitRatios:
    """The hit ratio of both slots once the cache has warmed up."""

    todos: float
    user: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The hit ratio of the lists where one thing alone ends entries, 1 where it does not bind."""

    ttl: float
    writes: float
    cold: float
    """Of the first TTL from an empty cache, in which nothing expires yet."""
    binding: str
    """The strongest limit once the cache is warm, empty if there is none."""


def predict(workload: Workload) -> PredictedHitRatios:
    """Compute what must come of a workload; every operation looks up the account."""
    reads, writes, keys = _rates(workload)
    accounts = expiring(reads + writes, ttl_s=workload.user_ttl_s)
    return PredictedHitRatios(todos=_warm(workload), user=mean_hit_ratio(accounts, reads * keys))


def limits(workload: Workload) -> Limits:
    """Return what each limit alone would leave."""
    shares = zipf(workload.users, workload.skew)
    alone = {"ttl": _warm(replace(workload, writes=0.0)), "writes": 1 - workload.writes}
    least = min(alone, key=lambda name: alone[name])
    return Limits(
        **alone,
        binding=least if alone[least] < 1 else "",
        cold=cold_run_with_writes(
            shares * (1 - workload.writes),
            shares * workload.writes,
            requests=max(1, round(workload.rate * workload.ttl_s)),
        ),
    )


def ttl_for_s(workload: Workload, hit_ratio: float) -> float | None:
    """Return the TTL in seconds that gives the lists this hit ratio, None if none does."""
    return shortest_ttl_s(
        lambda ttl_s: _warm(replace(workload, ttl_s=ttl_s)),
        hit_ratio,
        between_s=_TTLS_S,
        precision=_PRECISION,
    )


def _warm(workload: Workload) -> float:
    """Return the hit ratio of the lists."""
    reads, writes, keys = _rates(workload)
    return mean_hit_ratio(expiring(reads, writes, ttl_s=workload.ttl_s), reads * keys)


def _rates(workload: Workload) -> tuple[Shares, Shares, Shares]:
    """Return each user's reads and writes per second, and how many users make so many."""
    shares, keys = _grouped(workload.users, workload.skew)
    reads = shares * workload.rate * (1 - workload.writes)
    return reads, shares * workload.rate * workload.writes, keys


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


AXES: Mapping[str, str] = {
    "ttl": "TTL in seconds",
    "skew": "skew of the users (Zipf)",
    "writes": "share of writes",
    "users": "users",
}
"""The label of each axis."""
LOGARITHMIC = frozenset({"ttl", "users"})

_POINTS = 21
_FURTHEST = 20.0
_MOST_SKEW, _MOST_WRITES = 1.6, 0.6
_FIELDS = {"ttl": "ttl_s"}


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A place on a curve."""

    x: float
    hit_ratio: float


def curve(asked: Workload, axis: str) -> list[CurvePoint]:
    """Return one curve, its x in the unit of the axis."""
    return [_place(asked, axis, x) for x in _values(asked, axis)]


def position(asked: Workload, axis: str) -> float:
    """Return where the asked point lies on an axis."""
    return float(getattr(asked, _FIELDS.get(axis, axis)))


def _place(asked: Workload, axis: str, x: float) -> CurvePoint:
    value: Any = round(x) if axis == "users" else x
    # The fields of a workload are checked by its type, which a name chosen at run time is not.
    found = predict(replace(asked, **{_FIELDS.get(axis, axis): value}))
    return CurvePoint(x, found.todos)


def _values(asked: Workload, axis: str) -> Sequence[float]:
    if axis == "skew":
        return _rounded(np.linspace(0, max(_MOST_SKEW, asked.skew), _POINTS))
    if axis == "writes":
        return _rounded(np.linspace(0, max(_MOST_WRITES, asked.writes), _POINTS))
    middle = position(asked, axis)
    values = np.geomspace(middle / _FURTHEST, middle * _FURTHEST, _POINTS)
    if axis == "users":
        values = np.unique(np.maximum(1, values.round()))
    return _rounded(values)


def _rounded(values: Any) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
