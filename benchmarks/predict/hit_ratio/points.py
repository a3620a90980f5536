"""Which points of the curves are measured, and how a workload is squeezed into seconds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.predict.hit_ratio.question import USER_TTL_S, HitRatioQuestion
from benchmarks.predict.hit_ratio.workload import Workload
from benchmarks.storage.usage import UsageError

ASKED = "asked"
MOST_RATE = 300.0
"""Operations per second that one connection can make with most of them hitting."""
_LEAST_RATE = 20.0
_LONGEST_TTL_S = 30
_TTL_FACTORS = (0.5, 2.0)
_LEAST_WARM_S = 2.0
_TTLS = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point to be measured: on the curve of its ``axis``, at ``value`` of it as asked.

    ``workload`` has its time compressed by ``squeeze``: only operations per TTL matter, so a TTL of
    minutes may be measured in seconds at a higher rate.
    """

    axis: str
    value: float
    workload: Workload
    squeeze: float

    @property
    def name(self) -> str:
        """Return what tells it from the others."""
        return self.axis if self.axis == ASKED else f"{self.axis}={self.value:g}"

    @property
    def warm_up_s(self) -> float:
        """Return how long the cache takes to be as full as it gets: no entry outlives its TTL."""
        return max(_LEAST_WARM_S, _TTLS * self.workload.ttl_s)


def grid(question: HitRatioQuestion) -> list[Point]:
    """Return the asked point and some on each axis around it; raises ``UsageError``."""
    asked = question.workload
    points = [_point(ASKED, 0.0, asked)]
    points += [
        _point("ttl", asked.ttl_s * each, replace(asked, ttl_s=asked.ttl_s * each))
        for each in _TTL_FACTORS
    ]
    points += [_point("skew", each, replace(asked, skew=each)) for each in _skews(asked.skew)]
    points += [_point("writes", each, replace(asked, writes=each)) for each in _writes(question)]
    return points


def _point(axis: str, value: float, workload: Workload) -> Point:
    per_ttl = workload.rate * workload.ttl_s
    ttl_s = max(1, math.ceil(per_ttl / MOST_RATE - 1e-9))
    rate = per_ttl / ttl_s
    if ttl_s > _LONGEST_TTL_S or rate < _LEAST_RATE:
        raise UsageError(
            f"--rate times --ttl makes {per_ttl:g} operations per TTL at the point {axis} "
            f"{value:g}; measured are {_LEAST_RATE:g} to {MOST_RATE * _LONGEST_TTL_S:g}"
        )
    squeeze = workload.ttl_s / ttl_s
    return Point(
        axis=axis,
        value=value,
        squeeze=squeeze,
        workload=replace(
            workload,
            rate=rate,
            ttl_s=float(ttl_s),
            # The service takes whole seconds.
            user_ttl_s=float(max(1, round(USER_TTL_S / squeeze))),
        ),
    )


def _skews(asked: float) -> Iterator[float]:
    yield 0.0 if asked else 0.5
    yield round(asked / 2, 3) if asked else 1.0


def _writes(question: HitRatioQuestion) -> list[float]:
    if not question.todos_per_user:
        return []
    return [0.0, 0.2] if 0 < question.writes < 0.15 else [0.05, question.writes / 2 + 0.25]  # noqa: PLR2004
