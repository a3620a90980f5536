"""The options of ``fivefold hit-ratio``, checked completely, and the points that it measures."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import DEFAULT_SEED, UsageError, within

LIMITS: Mapping[str, tuple[float, float]] = {
    "users": (1, 1_000_000),
    "skew": (0, 3),
    "ttl": (0.001, 86_400),
    "writes": (0, 0.99),
    "rate": (0.001, 1_000_000),
    "todos_per_user": (0, 1_000),
    "payload_bytes": (1, 10_000),
    "seconds": (0.5, 600),
    "seed": (0, 2**63 - 1),
}
MOST_MEASURED_USERS = 2_000
"""Each of them has to log in, which takes a service some hundredths of a second."""
TODO_BYTES = 290
"""Bytes of a todo in a list beside its task."""
USER_TTL_S = 600.0
"""The service's default for the account (USER_TTL_SECONDS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Users who read and write their lists at random, and how long the cache keeps them.

    ``rate`` is operations per second of all users together, ``writes`` the share of writes,
    ``skew`` how unequal the users are (Zipf).
    """

    users: int
    skew: float
    rate: float
    writes: float
    ttl_s: float
    user_ttl_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRatioQuestion:
    """One question; an instance is always valid.

    ``rate`` is operations per second of all users together, ``ttl_s`` the lifetime of a list.
    With ``measure`` the points of the curves are measured, for so many ``seconds`` each.
    Construction raises ``UsageError``.
    """

    users: int = 200
    skew: float = 0.99
    ttl_s: float = 300.0
    writes: float = 0.05
    rate: float = 2.0
    todos_per_user: int = 5
    payload_bytes: int = 3800
    measure: bool = False
    seconds: float = 12.0
    seed: int = DEFAULT_SEED
    out: Path | None = None

    def __post_init__(self) -> None:
        for name in LIMITS:
            within(name, getattr(self, "ttl_s" if name == "ttl" else name), LIMITS)
        self._check_cacheable()
        if self.measure:
            self._check_measurable()
        if self.out is not None:
            check_out(self.out)

    @property
    def workload(self) -> Workload:
        """Return what is asked about as the model takes it."""
        return Workload(
            users=self.users,
            skew=self.skew,
            rate=self.rate,
            writes=self.writes,
            ttl_s=self.ttl_s,
            user_ttl_s=USER_TTL_S,
        )

    def _check_cacheable(self) -> None:
        # A command's help shows these defaults, and need not wait for what reads settings.
        from service.config import Settings  # noqa: PLC0415

        most = Settings.model_fields["cache_entry_max_bytes"].default
        size = self.todos_per_user * (self.payload_bytes + TODO_BYTES)
        if size > most:
            raise UsageError(
                f"--todos-per-user {self.todos_per_user} with --payload-bytes {self.payload_bytes} "
                f"makes lists of about {size} bytes, and the service caches none of more than "
                f"{most} (CACHE_ENTRY_MAX_BYTES): their hit ratio is 0"
            )

    def _check_measurable(self) -> None:
        if self.users > MOST_MEASURED_USERS:
            raise UsageError(
                f"--users is {self.users}; with --measure each of them logs in: it takes 1 to "
                f"{MOST_MEASURED_USERS}"
            )
        if self.writes and not self.todos_per_user:
            raise UsageError(
                "--todos-per-user is 0; with --measure a write changes a todo: it takes 1 or more, "
                "or --writes 0"
            )


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
