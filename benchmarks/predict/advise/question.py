"""The options of ``fivefold advise``, checked completely before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.storage.run_folder import check_out
from benchmarks.storage.usage import UsageError

_OWN_SERVICE = "typical of fivefold's own service on two shared CPUs; measure yours"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that an advice rests on: what it may be, and what is taken where nothing is said."""

    least: float
    most: float
    meaning: str
    """In the help of its option."""
    label: str
    """In the tables of an advice."""
    assumed: float | None = None
    why: str = ""
    kind: type[float] = float


NUMBERS: Mapping[str, Number] = {
    "db_ms": Number(
        0.001, 60_000, "milliseconds that a hit avoids: the database and its answer",
        "what a hit avoids (d)", 50.0, "the claim's own 50 ms; measure yours"),
    "hit_ms": Number(
        0.001, 60_000, "milliseconds that a hit spends on the cache instead",
        "what a hit costs instead (c)", 0.2, _OWN_SERVICE),
    "app_ms": Number(
        0, 60_000, "milliseconds of a read that a cache does not change",
        "what both do (a)", 0.7, _OWN_SERVICE),
    "miss_ms": Number(
        0, 60_000, "milliseconds that a miss spends on the cache in vain",
        "what a miss adds (m)", 0.7, _OWN_SERVICE),
    "hit_ratio": Number(0, 1, "share of reads that hit, 0.7 for 70 %", "hit ratio (h)"),
    "writes": Number(
        0, 0.99, "share of writes among all operations, 0.1 for 10 %",
        "share of writes (w)", 0.05, "YCSB's mix B: 95 % reads"),
    "write_ms": Number(
        0, 60_000, "milliseconds of a write without a cache", "a write without a cache"),
    "invalidation_ms": Number(
        0, 60_000, "milliseconds that invalidating adds to a write",
        "what a write adds (i)", 1.2, _OWN_SERVICE),
    "spread": Number(
        0.01, 5, "standard deviation of a time over its mean",
        "spread of a time", 0.3, "a guess; it moves the percentiles only"),
    "users": Number(
        1, 1_000_000, "how many users, or other keys, there are", "users", 1000, "a guess", int),
    "rate": Number(
        0.0001, 10_000_000,
        "requests per second of all users, which workers and servers are counted for",
        "requests per second", 100.0, "a guess"),
    "skew": Number(
        0, 3, "exponent of the Zipf distribution over the users; 0 is uniform",
        "skew of the users", 0.99, "YCSB's Zipf exponent"),
    "ttl": Number(
        0.001, 31_536_000, "seconds that an entry lives",
        "lifetime of an entry", 300.0,
        "fivefold's default for the todo list (TODOS_TTL_SECONDS)"),
    "entry_bytes": Number(
        1, 536_870_912, "bytes of one cached value",
        "bytes of a cached value", 6800, "a list of 20 todos of 100 bytes as fivefold stores it",
        int),
    "want": Number(
        1.01, 10_000, "how many times faster reads should be",
        "wanted", 5.0, "the claim's own number"),
}  # fmt: skip
_WORKLOAD = ("users", "rate", "skew", "ttl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; an instance is always valid.

    ``numbers`` holds what was said of :data:`NUMBERS`. ``run_dir`` is the folder of a run whose
    figures are taken where nothing is said, ``out`` the folder for the files. Construction raises
    ``UsageError``.
    """

    numbers: Mapping[str, float]
    run_dir: Path | None = None
    regime: str | None = None
    variant: str | None = None
    out: Path | None = None

    @classmethod
    def asked(cls, run_dir: Path | None = None, /, **asked: Any) -> Self:
        """Take what was said; None was not. Raises ``UsageError`` for what cannot be asked."""
        of_run = {name: asked.pop(name, None) for name in ("regime", "variant", "out")}
        said = {name: value for name, value in asked.items() if value is not None}
        return cls(numbers=said, run_dir=run_dir, **of_run)

    def __post_init__(self) -> None:
        if unknown := sorted(self.numbers.keys() - NUMBERS.keys()):
            raise UsageError(f"there is no option {', '.join(map(option, unknown))}")
        for name, number in NUMBERS.items():
            # Written so that it also refuses what is not a number.
            if name in self.numbers and not number.least <= self.numbers[name] <= number.most:
                raise UsageError(
                    f"{option(name)} is {self.numbers[name]}; it takes {number.least:.9g} to "
                    f"{number.most:.9g}: {number.meaning}"
                )
        for name, value in (("regime", self.regime), ("variant", self.variant)):
            if value is not None and self.run_dir is None:
                raise UsageError(
                    f"{option(name)} chooses from a run: give its folder, such as reports/latest, "
                    "or leave the option out"
                )
        if self.run_dir is not None and "spread" in self.numbers:
            raise UsageError("--spread is measured in a run: leave it or the folder out")
        if self.out is not None:
            check_out(self.out)

    @property
    def says_workload(self) -> bool:
        """Tell whether anything is said from which a hit ratio can be predicted."""
        return any(name in self.numbers for name in _WORKLOAD)


def option(name: str) -> str:
    """Return a number's name as it is typed."""
    return "--" + name.replace("_", "-")
