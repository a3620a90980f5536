"""What leases on one document ask of it, and what it costs when one process loses Redis for all.

Closed forms; ``leases`` plays the same event by event. Times are seconds.
"""

import math
from dataclasses import dataclass

_DOUBLINGS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """The intervals of the protocol, under the names and with the defaults of the service."""

    lease_s: float = 0.9
    write_deadline_s: float = 5.0
    heal_s: float = 3.0

    @property
    def renew_s(self) -> float:
        """How long a process waits before it asks again."""
        return self.lease_s / 3

    @property
    def grace_s(self) -> float:
        """After how long nobody holds a lease from before a change."""
        return self.lease_s * 1.01 + 0.01

    def away_s(self, doublings: int = 0) -> float:
        """How long a closed fence takes to open, at least, with a Redis that is well.

        A fence that closes again within sixteen times ``heal_s`` waits twice as long, and so on,
        up to sixteen times.
        """
        steady_s = max(math.ldexp(self.heal_s, doublings), self.grace_s)
        return steady_s + self.grace_s + self.write_deadline_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What a lease asks: one operation on the fence, and how many are served at a time."""

    operation_s: float = 0.001
    at_once: int = 4


def renewals_per_s(processes: int, intervals: Intervals, database: Database) -> float:
    """Return how often the fence is asked for: never more often than the database can serve."""
    alone = processes / (intervals.renew_s + database.operation_s)
    return min(alone, database.at_once / database.operation_s)


def most_processes(intervals: Intervals, database: Database) -> int:
    """Return how many processes keep their leases: an answer may take a third of a lease.

    With more of them than the database can serve they wait in line, n s / c - renew_s, and a lease
    that is asked for later than it ends is a time without a cache.
    """
    round_s = intervals.renew_s + intervals.lease_s / 3
    return math.floor(round(round_s * database.at_once / database.operation_s, 6))


def share_away(processes: int, *, closings_per_day: float, intervals: Intervals) -> float:
    """Return the share of time without a cache where each process closes the fence so often.

    An open fence is closed after 1 / (n lambda) on average. With p, the probability that this was
    too soon, k closings in a row were with (1 - p) p^k, so many doublings has the next.
    """
    rate_per_s = processes * closings_per_day / 86_400
    soon = -math.expm1(-rate_per_s * intervals.heal_s * 2**_DOUBLINGS)
    shares = [(1 - soon) * soon**doublings for doublings in range(_DOUBLINGS)]
    shares.append(soon**_DOUBLINGS)
    away_s = sum(share * intervals.away_s(number) for number, share in enumerate(shares))
    return rate_per_s * away_s / (1 + rate_per_s * away_s)
