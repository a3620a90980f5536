"""The options of ``fivefold advise``, checked completely before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.storage.usage import UsageError


@dataclass(frozen=True, slots=True)
class Number:
    """A number that an advice rests on: what it may be, and what is taken where nothing is said."""

    least: float
    most: float
    meaning: str
    assumed: float | None = None
    kind: type[float] = float


NUMBERS: Mapping[str, Number] = {
    # The four costs of the cache are typical of fivefold's own service on two shared CPUs.
    "db_ms": Number(
        0.001, 60_000, "milliseconds that a hit avoids: the database and its answer", 50.0),
    "hit_ms": Number(0.001, 60_000, "milliseconds that a hit spends on the cache instead", 0.2),
    "app_ms": Number(0, 60_000, "milliseconds of a read that a cache does not change", 0.7),
    "miss_ms": Number(0, 60_000, "milliseconds that a miss spends on the cache in vain", 0.7),
    "hit_ratio": Number(0, 1, "share of reads that hit, 0.7 for 70 %"),
    # YCSB's mix B.
    "writes": Number(0, 0.99, "share of writes among all operations, 0.1 for 10 %", 0.05),
    "write_ms": Number(0, 60_000, "milliseconds of a write without a cache"),
    "invalidation_ms": Number(
        0, 60_000, "milliseconds that invalidating adds to a write", 1.2),
    "users": Number(
        1, 1_000_000, "how many users, or other keys, there are", 1000, int),
    "rate": Number(
        0.0001, 10_000_000,
        "requests per second of all users, which workers and servers are counted for", 100.0),
    # YCSB's exponent.
    "skew": Number(
        0, 3, "exponent of the Zipf distribution over the users; 0 is uniform", 0.99),
    # The default of TODOS_TTL_SECONDS.
    "ttl": Number(0.001, 31_536_000, "seconds that an entry lives", 300.0),
    # A list of 20 todos of 100 bytes as fivefold stores it.
    "entry_bytes": Number(1, 536_870_912, "bytes of one cached value", 6800, int),
    "want": Number(1.01, 10_000, "how many times faster reads should be", 5.0),
}  # fmt: skip
_WORKLOAD = ("users", "rate", "skew", "ttl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; an instance is always valid.

    ``numbers`` holds what was said of :data:`NUMBERS`. ``run_dir`` is the folder of a run whose
    figures are taken where nothing is said. Construction raises ``UsageError``.
    """

    numbers: Mapping[str, float]
    run_dir: Path | None = None

    @classmethod
    def asked(cls, run_dir: Path | None = None, /, **asked: Any) -> Self:
        """Take what was said; None was not. Raises ``UsageError`` for what cannot be asked."""
        said = {name: value for name, value in asked.items() if value is not None}
        return cls(numbers=said, run_dir=run_dir)

    def __post_init__(self) -> None:
        if not self.numbers and self.run_dir is None:
            raise UsageError(
                "there is nothing to answer from: give --db-ms, the milliseconds that a hit "
                "avoids, and of --hit-ratio, --writes and --hit-ms what is known, or the folder of "
                "a run, such as reports/latest"
            )
        if unknown := sorted(self.numbers.keys() - NUMBERS.keys()):
            raise UsageError(f"there is no option {', '.join(map(option, unknown))}")
        for name, number in NUMBERS.items():
            # Written so that it also refuses what is not a number.
            if name in self.numbers and not number.least <= self.numbers[name] <= number.most:
                raise UsageError(
                    f"{option(name)} is {self.numbers[name]}; it takes {number.least:.9g} to "
                    f"{number.most:.9g}: {number.meaning}"
                )

    @property
    def says_workload(self) -> bool:
        """Tell whether anything is said from which a hit ratio can be predicted."""
        return any(name in self.numbers for name in _WORKLOAD)


def option(name: str) -> str:
    """Return a number's name as it is typed."""
    return "--" + name.replace("_", "-")
