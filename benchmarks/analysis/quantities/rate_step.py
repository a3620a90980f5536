"""What one step of a load sweep of offered rates is reduced to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


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


RateSteps = Mapping[tuple[str, float], Sequence[RateStep]]
"""Steps by variant and offered rate, in the order of the rounds."""


def by_rate(steps: Iterable[RateStep]) -> RateSteps:
    """Group steps; the first group is the one that came first."""
    groups: dict[tuple[str, float], list[RateStep]] = {}
    for step in sorted(steps, key=lambda step: step.round):
        groups.setdefault((step.variant, step.rate), []).append(step)
    return groups
