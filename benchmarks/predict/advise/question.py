"""What ``fivefold advise`` was asked, checked completely before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from benchmarks.runner.options import check_out
from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True)
class Limit:
    """The least and the most that an option takes, and what it means."""

    least: float
    most: float
    meaning: str


LIMITS: Mapping[str, Limit] = {
    "db_ms": Limit(0.001, 60_000, "milliseconds that a hit avoids: the database and its answer"),
    "hit_ms": Limit(0.001, 60_000, "milliseconds that a hit spends on the cache instead"),
    "app_ms": Limit(0, 60_000, "milliseconds of a read that a cache does not change"),
    "miss_ms": Limit(0, 60_000, "milliseconds that a miss spends on the cache in vain"),
    "hit_ratio": Limit(0, 1, "share of reads that hit, 0.7 for 70 %"),
    "writes": Limit(0, 0.99, "share of writes among all operations, 0.1 for 10 %"),
    "write_ms": Limit(0, 60_000, "milliseconds of a write without a cache"),
    "invalidation_ms": Limit(0, 60_000, "milliseconds that invalidating adds to a write"),
    "spread": Limit(0.01, 5, "standard deviation of a time over its mean"),
    "users": Limit(1, 1_000_000, "how many users, or other keys, there are"),
    "rate": Limit(
        0.0001,
        10_000_000,
        "requests per second of all users, which workers and servers are counted for",
    ),
    "skew": Limit(0, 3, "exponent of the Zipf distribution over the users; 0 is uniform"),
    "ttl": Limit(0.001, 31_536_000, "seconds that an entry lives"),
    "entry_bytes": Limit(1, 536_870_912, "bytes of one cached value"),
    "want": Limit(1.01, 10_000, "how many times faster reads should be"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; an instance is always valid.

    What is None was not said. ``run_dir`` is the folder of a run whose figures are taken where
    nothing else is said. The other fields are described by :data:`LIMITS`; ``out`` is the folder
    for the files. Construction raises ``UsageError``.
    """

    run_dir: Path | None = None
    regime: str | None = None
    variant: str | None = None
    db_ms: float | None = None
    hit_ms: float | None = None
    app_ms: float | None = None
    miss_ms: float | None = None
    hit_ratio: float | None = None
    writes: float | None = None
    write_ms: float | None = None
    invalidation_ms: float | None = None
    spread: float | None = None
    users: int | None = None
    rate: float | None = None
    skew: float | None = None
    ttl: float | None = None
    entry_bytes: int | None = None
    want: float | None = None
    out: Path | None = None

    @classmethod
    def asked(cls, run_dir: Path | None = None, /, **numbers: Any) -> Self:
        """Return the question of a command line; raises ``UsageError`` for one that cannot be."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(numbers) - known)
        if unknown:
            raise UsageError(f"there is no option {', '.join(map(option, unknown))}")
        return cls(run_dir=run_dir, **numbers)

    def __post_init__(self) -> None:
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            # Written so that it also refuses what is not a number.
            if value is not None and not limit.least <= value <= limit.most:
                raise UsageError(
                    f"{option(name)} is {value}; it takes {limit.least:.9g} to {limit.most:.9g}: "
                    f"{limit.meaning}"
                )
        for name in ("regime", "variant"):
            if getattr(self, name) is not None and self.run_dir is None:
                raise UsageError(
                    f"{option(name)} chooses from a run: give its folder, such as reports/latest, "
                    "or leave the option out"
                )
        if self.run_dir is not None and self.spread is not None:
            raise UsageError("--spread is measured in a run: leave it or the folder out")
        if self.out is not None:
            check_out(self.out)

    @property
    def says_workload(self) -> bool:
        """Tell whether anything is said from which a hit ratio can be predicted."""
        said = (self.users, self.rate, self.skew, self.ttl)
        return any(value is not None for value in said)


def option(name: str) -> str:
    """Return a field's name as it is typed."""
    return "--" + name.replace("_", "-")
