"""The curves: the hit ratio along each axis, all else as asked; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.predict.hit_ratio.workload import Workload, foresee

AXES: Mapping[str, str] = {
    "ttl": "TTL in seconds",
    "skew": "skew of the users (Zipf)",
    "writes": "share of writes",
    "users": "users",
}
"""What each axis is called where it is drawn."""
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
    found = foresee(replace(asked, **{_FIELDS.get(axis, axis): value}))
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
