"""The options of ``fivefold hit-ratio``, checked completely, and the points that it measures."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_SEED, UsageError, within

LIMITS: Mapping[str, tuple[float, float]] = {
    "users": (1, 1_000_000),
    "skew": (0, 3),
    "ttl": (0.001, 86_400),
    "writes": (0, 0.99),
    "rate": (0.001, 1_000_000),
    "seconds": (0.5, 600),
    "seed": (0, 2**63 - 1),
}
MOST_MEASURED_USERS = 2_000
"""Each of them has to log in, which takes a service some hundredths of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Users who read and write their lists at random, and how long the cache keeps them.

    ``rate`` is operations per second of all users together, ``writes`` the share of writes,
    ``skew`` how unequal the users are (Zipf).
    """

    users: int = 200
    skew: float = 0.99
    rate: float = 2.0
    writes: float = 0.05
    ttl_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRatioQuestion(Workload):
    """One question; an instance is always valid.

    With ``measure`` the points of the curves are measured, for so many ``seconds`` each.
    Construction raises ``UsageError``.
    """

    measure: bool = False
    seconds: float = 12.0
    seed: int = DEFAULT_SEED
    out: Path | None = None

    def __post_init__(self) -> None:
        for name in LIMITS:
            within(name, getattr(self, "ttl_s" if name == "ttl" else name), LIMITS)
        if self.measure and self.users > MOST_MEASURED_USERS:
            raise UsageError(
                f"--users is {self.users}; with --measure each of them logs in: it takes 1 to "
                f"{MOST_MEASURED_USERS}"
            )
        if self.out is not None:
            if not self.measure:
                raise UsageError("--out is about --measure: a prediction is printed only")
            check_out(self.out)

    @property
    def workload(self) -> Workload:
        """Return what is asked about as the model takes it."""
        return Workload(**{each.name: getattr(self, each.name) for each in fields(Workload)})


ASKED = "asked"
MOST_RATE = 300.0
"""Operations per second that one connection can make with most of them hitting."""
_LEAST_RATE = 20.0
_LONGEST_TTL_S = 30
_TTL_FACTORS = (0.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point to be measured: on the curve of its ``axis``, at ``value`` of it as asked.

    ``workload`` has its time compressed: only operations per TTL matter, so a TTL of minutes may
    be measured in seconds at a higher rate.
    """

    axis: str
    value: float
    workload: Workload

    @property
    def name(self) -> str:
        """Return its axis and where on it, as asked."""
        return ASKED if self.axis == ASKED else f"{self.axis} {self.value:g}"


def grid(question: HitRatioQuestion) -> list[Point]:
    """Return the asked point and two on each axis around it; raises ``UsageError``."""
    asked = question.workload
    points = [_point(ASKED, 0.0, asked)]
    points += [
        _point("ttl", asked.ttl_s * each, replace(asked, ttl_s=asked.ttl_s * each))
        for each in _TTL_FACTORS
    ]
    points += [_point("skew", each, replace(asked, skew=each)) for each in _skews(asked.skew)]
    points += [
        _point("writes", each, replace(asked, writes=each)) for each in _writes(asked.writes)
    ]
    return points


def _point(axis: str, value: float, workload: Workload) -> Point:
    per_ttl = workload.rate * workload.ttl_s
    # The service takes whole seconds.
    ttl_s = max(1, math.ceil(per_ttl / MOST_RATE - 1e-9))
    rate = per_ttl / ttl_s
    if ttl_s > _LONGEST_TTL_S or rate < _LEAST_RATE:
        raise UsageError(
            f"--rate times --ttl makes {per_ttl:g} operations per TTL at the point {axis} "
            f"{value:g}; measured are {_LEAST_RATE:g} to {MOST_RATE * _LONGEST_TTL_S:g}"
        )
    return Point(axis=axis, value=value, workload=replace(workload, rate=rate, ttl_s=float(ttl_s)))


def _skews(asked: float) -> Iterator[float]:
    yield 0.0 if asked else 0.5
    yield round(asked / 2, 3) if asked else 1.0


def _writes(asked: float) -> tuple[float, float]:
    return (0.0, 0.2) if 0 < asked < 0.15 else (0.05, asked / 2 + 0.25)  # noqa: PLR2004
