"""What ``fivefold hit-ratio`` was asked, checked completely before anything starts."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.hit_ratio.sizes import EMPTY_REDIS_BYTES, todos_value_bytes, user_value_bytes
from benchmarks.hit_ratio.workload import Workload
from benchmarks.options import check_out
from benchmarks.usage import DEFAULT_SEED, UsageError

LIMITS: Mapping[str, tuple[float, float]] = {
    "users": (1, 1_000_000),
    "skew": (0, 3),
    "ttl": (0.001, 86_400),
    "writes": (0, 0.99),
    "rate": (0.001, 1_000_000),
    "todos-per-user": (0, 1_000),
    "payload-bytes": (1, 10_000),
    "seconds": (0.5, 600),
    "seed": (0, 2**63 - 1),
}
MOST_MEASURED_USERS = 2_000
"""Each of them has to log in, which takes a service some hundredths of a second."""
USER_TTL_S = 600.0
"""The service's default for the account (USER_TTL_SECONDS)."""

_UNITS = {"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?b?)", re.IGNORECASE)
NO_LIMIT = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; whoever holds one holds a valid one.

    ``rate`` is operations per second of all users together, ``ttl_s`` the lifetime of a list.
    ``memory_bytes`` is Redis' ``maxmemory``, None without a limit. With ``measure`` the points of
    the curves are measured, for so many ``seconds`` each. Construction raises ``UsageError``.
    """

    users: int = 200
    skew: float = 0.99
    ttl_s: float = 300.0
    writes: float = 0.05
    memory_bytes: int | None = None
    rate: float = 2.0
    todos_per_user: int = 5
    payload_bytes: int = 3800
    measure: bool = False
    seconds: float = 12.0
    seed: int = DEFAULT_SEED
    out: Path | None = None

    @classmethod
    def asked(cls, *, memory: str = NO_LIMIT, **rest: object) -> Self:
        """Return the question of a command line; raises ``UsageError`` for one that cannot be."""
        return cls(memory_bytes=parse_memory(memory), **rest)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            value = getattr(self, {"ttl": "ttl_s"}.get(name, name.replace("-", "_")))
            # Written so that it also refuses what is not a number.
            if not least <= value <= most:
                raise UsageError(f"--{name} is {value}; it takes {least:.9g} to {most:.9g}")
        if self.room_bytes is not None and self.room_bytes < self.workload.pair_bytes:
            raise UsageError(
                f"--memory is {self.memory_bytes} bytes; an empty Redis takes about "
                f"{EMPTY_REDIS_BYTES} itself and one user's entries {self.workload.pair_bytes}"
            )
        if self.measure:
            self._check_measurable()
        if self.out is not None:
            check_out(self.out)

    @property
    def room_bytes(self) -> float | None:
        """Return what is left of the memory for entries, None without a limit."""
        return None if self.memory_bytes is None else float(self.memory_bytes - EMPTY_REDIS_BYTES)

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
            todos_bytes=todos_value_bytes(self.todos_per_user, self.payload_bytes),
            user_bytes=user_value_bytes(),
            room_bytes=self.room_bytes,
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


def parse_memory(text: str) -> int | None:
    """Return the bytes in ``64mb``, ``2gb``, ``500kb`` or ``1000000``, None for ``none``.

    Raises ``UsageError``.
    """
    if text.strip().lower() == NO_LIMIT:
        return None
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            f"--memory is {text!r}; it takes bytes such as 64mb, 2gb, 500kb or 1000000, or "
            f"{NO_LIMIT} for no limit"
        )
    unit = found[2].lower()
    scale = _UNITS[unit if unit in _UNITS else f"{unit}b"]
    return math.floor(float(found[1]) * scale)
