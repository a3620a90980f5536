"""What ``fivefold hit-ratio`` was asked, checked completely before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.predict.hit_ratio.workload import Workload
from benchmarks.runner.options import check_out
from benchmarks.storage.usage import DEFAULT_SEED, UsageError

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
        for name, (least, most) in LIMITS.items():
            value = getattr(self, {"ttl": "ttl_s"}.get(name, name.replace("-", "_")))
            # Written so that it also refuses what is not a number.
            if not least <= value <= most:
                raise UsageError(f"--{name} is {value}; it takes {least:.9g} to {most:.9g}")
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
