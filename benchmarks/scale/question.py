"""What ``fivefold scale`` was asked, checked completely before anything is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self

from benchmarks.hit_ratio.sizes import todos_value_bytes, user_value_bytes
from benchmarks.model.fence import Database, Intervals
from benchmarks.model.fleet import Cost, Costs, Demand
from benchmarks.model.memory import entry_bytes_in_redis
from benchmarks.usage import UsageError

LIMITS: Mapping[str, tuple[float, float]] = {
    "rate": (1, 1e8),
    "hit-ratio": (0, 1),
    "writes": (0, 1),
    "per-user": (1e-6, 1e3),
    "todos-per-user": (0, 1_000),
    "payload-bytes": (1, 10_000),
    "busy": (0.05, 1),
    "node-gib": (0.01, 100_000),
    "processes": (1, 20_000),
    "lease": (0.1, 60),
    "closings": (0, 1_000),
    "database-cores": (1, 256),
}
RATES = (1e3, 1e5, 1e6)
PROCESSES = (10, 100, 1_000, 10_000)

# By `fivefold scale --measure`, the least of several runs; docs/scale.md says where and when.
MEASURED = Costs(
    worker=Cost(hit=0.26, miss=1.95, write=2.8, read=1.38),
    redis=Cost(hit=0.018, miss=0.16, write=0.16),
    database=Cost(miss=2.7, write=37.0, read=2.4),
    info=0.08,
    fence=0.36,
)
MEASURED_ON = "SecantusDB 0.7.0b3 in place of MongoDB, and Redis 7.0.15"
_PARTS = ("worker", "redis", "database")
_ALONE = {"redis-info": "info", "database-fence": "fence"}


def named(costs: Costs) -> dict[str, float]:
    """Return each cost under the name that it has on the command line."""
    parts = {
        f"{part}-{kind.name}": float(getattr(getattr(costs, part), kind.name))
        for part in _PARTS
        for kind in fields(Cost)
    }
    return parts | {name: float(getattr(costs, own)) for name, own in _ALONE.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; whoever holds one holds a valid one.

    ``per_user`` is how many operations per second one user makes, ``closings`` how often a day one
    process closes the fence, ``costs`` what operations cost, of which ``said`` were given with the
    question. Construction raises ``UsageError``.
    """

    rates: Sequence[float] = RATES
    hit_ratio: float = 0.9
    writes: float = 0.05
    per_user: float = 0.1
    todos_per_user: int = 20
    payload_bytes: int = 100
    busy: float = 0.6
    node_gib: float = 16.0
    processes: Sequence[int] = PROCESSES
    lease_s: float = 0.9
    closings: float = 1.0
    database_cores: int = 4
    costs: Costs = field(default_factory=lambda: MEASURED)
    said: frozenset[str] = frozenset()
    measured_on: str = MEASURED_ON

    def __post_init__(self) -> None:
        asked = {
            "rate": self.rates,
            "processes": self.processes,
            "lease": (self.lease_s,),
        }
        for name, (least, most) in LIMITS.items():
            values = asked.get(name) or (getattr(self, name.replace("-", "_")),)
            for value in values:
                # Written so that it also refuses what is not a number.
                if not least <= value <= most:
                    raise UsageError(f"--{name} is {value}; it takes {least:.9g} to {most:.9g}")

    def costing(self, given: Sequence[str]) -> Self:
        """Return the question with some costs given as ``NAME=MILLISECONDS``."""
        known, said = named(self.costs), {}
        for text in given:
            name, _, amount = text.partition("=")
            if name not in known:
                raise UsageError(
                    f"--cost {text}: there is no {name}; choose from {', '.join(known)}"
                )
            said[name] = _milliseconds(text, amount)
        return replace(self, costs=_costs(known | said), said=self.said | frozenset(said))

    @property
    def intervals(self) -> Intervals:
        """Return the intervals of the protocol; all but the lease are the service's defaults."""
        return Intervals(lease_s=self.lease_s)

    @property
    def database(self) -> Database:
        """Return the server of the fence as the leases meet it."""
        return Database(operation_s=self.costs.fence / 1000, at_once=self.database_cores)

    def demand(self, rate: float) -> Demand:
        """Return what a rate demands."""
        list_bytes = todos_value_bytes(self.todos_per_user, self.payload_bytes)
        user_bytes = user_value_bytes()
        return Demand(
            rate=rate,
            hit_ratio=self.hit_ratio,
            writes=self.writes,
            users=round(rate / self.per_user),
            answer_bytes=list_bytes,
            entry_bytes=entry_bytes_in_redis(list_bytes) + entry_bytes_in_redis(user_bytes),
            busy=self.busy,
            node_bytes=self.node_gib * 2**30,
            intervals=self.intervals,
        )


def _milliseconds(text: str, amount: str) -> float:
    try:
        value = float(amount)
    except ValueError:
        raise UsageError(f"--cost {text}: takes NAME=MILLISECONDS") from None
    if not 0 <= value < float("inf"):
        raise UsageError(f"--cost {text}: takes 0 or more milliseconds")
    return value


def _costs(known: Mapping[str, float]) -> Costs:
    worker, redis, database = (
        Cost(**{kind.name: known[f"{part}-{kind.name}"] for kind in fields(Cost)})
        for part in _PARTS
    )
    return Costs(
        worker=worker,
        redis=redis,
        database=database,
        info=known["redis-info"],
        fence=known["database-fence"],
    )
