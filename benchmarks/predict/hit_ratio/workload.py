"""The hit ratio that follows from a workload, and its curve along each axis; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.analysis.model.hit_ratio import expiring, mean_hit_ratio, ttl_needed_s
from benchmarks.predict.hit_ratio.question import Workload
from benchmarks.scenarios.popularity import Shares, zipf


def predict(workload: Workload) -> float:
    """Return the hit ratio of the lists once the cache has warmed up."""
    reads, writes = _rates(workload)
    return mean_hit_ratio(expiring(reads, writes, ttl_s=workload.ttl_s), reads)


def ttl_for_s(workload: Workload, hit_ratio: float) -> float | None:
    """Return the TTL in seconds that gives the lists this hit ratio, None if none does."""
    return ttl_needed_s(*_rates(workload), hit_ratio=hit_ratio)


def _rates(workload: Workload) -> tuple[Shares, Shares]:
    """Return each user's reads and writes per second."""
    per_s = zipf(workload.users, workload.skew) * workload.rate
    return per_s * (1 - workload.writes), per_s * workload.writes


AXES: Mapping[str, str] = {
    "ttl": "TTL in seconds",
    "skew": "skew of the users (Zipf)",
    "writes": "share of writes",
}
"""The label of each axis."""
LOGARITHMIC = "ttl"

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
    # The fields of a workload are checked by its type, which a name chosen at run time is not.
    changed: dict[str, Any] = {_FIELDS.get(axis, axis): x}
    return CurvePoint(x, predict(replace(asked, **changed)))


def _values(asked: Workload, axis: str) -> Sequence[float]:
    middle = position(asked, axis)
    if axis == LOGARITHMIC:
        values = np.geomspace(middle / _FURTHEST, middle * _FURTHEST, _POINTS)
    else:
        most = _MOST_SKEW if axis == "skew" else _MOST_WRITES
        values = np.linspace(0, max(most, middle), _POINTS)
    return [float(f"{value:.4g}") for value in values]
