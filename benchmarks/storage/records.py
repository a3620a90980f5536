"""The raw records: what one request did, what a step of a sweep came to, what a probe found.

Everything published is computed from these.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, Self

from benchmarks.storage.plain import added

Outcome = Literal["hit", "miss", "partial", "bypass", "unknown", "write"]
"""The answer's Cache-Status in one word; ``partial`` is a hit on some slots only.

A request that changes something is a ``write``, whatever slots it looked into.
"""


NATIVE, NOISE, LOAD = "native", "a/a", "load"
"""The regimes that mean something to whoever reads samples: nothing slowed, A/A, and many users at
a time, each variant once more against itself among them."""
AGAIN = " again"
"""The suffix of a variant's name where it is compared with itself."""
CONTROLS: Mapping[str, int] = {" +1 ms": 1, " +20 ms": 20}
"""The suffixes of the reference's name where its finds are delayed, with the delay in ms."""


Role = Literal["claim", "sweep", "noise"]
"""The purpose of a regime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A speed of the servers, and what it is measured for.

    ``delay_ms`` is added to each find. A read of this service makes two at the same time, so it
    is how much longer an uncached read takes; a rival that makes them one after the other on a
    miss pays twice. With ``redis_delay_ms`` Redis is reached through a proxy, and every round
    trip to it takes that much longer.

    Claims are judged in regimes of the role ``claim``. A ``sweep`` shows a curve. In ``noise``
    every variant is compared with itself. ``skipped`` says why a run left it out.
    """

    name: str
    description: str
    delay_ms: int = 0
    redis_delay_ms: float | None = None
    role: Role = "sweep"
    skipped: str | None = None


def plain(variant: str) -> str:
    """Return the variant that was measured, whatever it was measured for."""
    for suffix in (AGAIN, *CONTROLS):
        variant = variant.removesuffix(suffix)
    return variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One request of one session.

    Times are seconds on the harness' monotonic clock, counted from the start of the measurement.
    ``intended_start_s`` is the moment the previous answer was complete or, where the scenario has
    a rate, the moment of its schedule.
    """

    scenario: str
    regime: str
    restart: int  # how often the services had been started anew before, from 0
    observation: int  # one block of every variant makes one; counts up over the restarts
    block: int  # counts up over the whole regime, in the order of execution
    variant: str
    session: int  # counts up within the block
    user: int  # the dataset's user, the same in every variant
    index: int  # position in the session, from 0; a mix is one session
    action: str  # which of the scenario's
    outcome: Outcome
    slots: str  # what each slot was, such as "todos=invalidated user=hit"
    intended_start_s: float
    start_s: float
    duration_s: float  # from just before the send to the last byte of the body
    status: int
    body_hash: str
    db_ms: float | None  # Server-Timing, as the service measured it
    cache_ms: float | None
    app_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coherence:
    """The findings of a probe of one variant: concurrent reads and writes, every read checked.

    ``stale`` counts reads older than a write that was acknowledged before they started, accepted
    revoked tokens included; ``backwards`` reads older than what an earlier read had returned;
    ``impossible`` answers that were right at no time; ``errors`` answers of 500 and more, and
    none at all.
    """

    variant: str
    seconds: float
    reads: int
    hits: int
    writes: int
    stale: int
    backwards: int
    impossible: int
    errors: int
    first: str
    """The first wrong read as a sentence, empty if there is none."""

    @property
    def wrong(self) -> int:
        """Count the reads that no correct service could have answered."""
        return self.stale + self.backwards + self.impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStep:
    """A closed loop on one variant with so many connections, for a while.

    It ``asks`` for lists that are in the cache (``hit``) or not (``miss``), or changes a todo
    (``write``). Latencies are microseconds. Cores are the processor time used per second, None
    where it cannot be read.
    """

    round: int
    place: int  # counts up over the whole run, in the order of execution
    variant: str
    connections: int
    seconds: float
    requests: int
    hits: int
    errors: int  # answers other than 200
    p50_us: float
    p99_us: float
    service_cores: float | None
    client_cores: float
    asks: str = added("hit")
    redis_cores: float | None = added(None)
    database_cores: float | None = added(None)

    @property
    def rate(self) -> float:
        """Return the requests per second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStep:
    """An open loop of warm reads on one variant at one offered rate, for a while.

    Times are microseconds, of whatever was answered. A response is counted from the intended
    start, a service time from the send. Cores are the processor time used per second, None where
    it cannot be read.
    """

    round: int
    place: int  # counts up over the whole run, in the order of execution
    variant: str
    rate: float  # offered, per second
    seconds: float
    connections: int
    arrivals: int
    answered: int  # until a while after the end; the rest was given up
    errors: int  # answers other than 200
    hits: int
    arrivals_second_half: int
    backlog_middle: int  # arrivals without an answer, after half of the time
    backlog_end: int  # and after all of it
    first_half_p50_us: float | None  # response of the arrivals of this half, None without answers
    second_half_p50_us: float | None
    mean_us: float
    p50_us: float
    p90_us: float
    p99_us: float
    max_us: float
    service_mean_us: float
    service_sd_us: float
    service_p50_us: float
    service_p99_us: float
    lag_p99_us: float | None  # None if no arrival found a connection free
    client_cores: float
    service_cores: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """The counters around some reads; None where the server does not tell.

    ``answered`` counts answers of 200. ``user_hits`` and ``todos_hits`` are what ``Cache-Status``
    said. Finds are those of the variant's own collections. ``keyspace_hits`` and
    ``keyspace_misses`` are of the whole Redis server.
    """

    reads: int
    answered: int
    user_hits: int
    todos_hits: int
    user_finds: int | None
    todos_finds: int | None
    keyspace_hits: int | None
    keyspace_misses: int | None

    @property
    def hits(self) -> int:
        """Return how many lookups the cache answered, by the headers."""
        return self.user_hits + self.todos_hits

    @property
    def finds(self) -> int | None:
        """Return how many lookups reached the database, None where it does not tell."""
        if self.user_finds is None or self.todos_finds is None:
            return None
        return self.user_finds + self.todos_finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The lookups of ``sessions`` users of one variant.

    Each reads the list once from an emptied cache (``cold``) and then that many times again
    (``warm``).
    """

    variant: str
    restart: int
    sessions: int
    cold: Lookups
    warm: Lookups


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUse:
    """The difference of two readings; None where it cannot be known.

    ``busy_share`` and ``steal_share`` are parts of all CPUs' time: used by any process of this
    machine, and taken by another machine. ``pressure_share`` is the part of the time in which some
    task waited for a CPU. ``client_cores`` is the processor time that this process used per
    second: 1.0 is a whole core.
    """

    seconds: float
    busy_share: float | None
    steal_share: float | None
    pressure_share: float | None
    client_cores: float | None
    # Of earlier versions; nothing was made of them.
    nonvoluntary_per_s: float | None = added(None)
    minor_faults_per_s: float | None = added(None)
    major_faults_per_s: float | None = added(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUse(SystemUse):
    """The use of the system while a case was measured after one start of the services."""

    scenario: str
    regime: str
    restart: int

    @classmethod
    def of(cls, use: SystemUse, *, scenario: str, regime: str, restart: int) -> Self:
        """Return a use as that of a case."""
        return cls(scenario=scenario, regime=regime, restart=restart, **asdict(use))
