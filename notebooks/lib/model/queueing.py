"""Waiting in line: why a faster answer and more answers are two different gains (METHOD 2.5).

Open: requests come at random (Poisson) whether or not earlier ones were answered, and one server
takes them in their order. With the rate lambda, the service time S and the utilization rho =
lambda E[S], the mean response is (Pollaczek 1930, Khinchine 1932; Kleinrock, "Queueing Systems",
volume 1, 5.6)

    R = E[S] + lambda E[S^2] / (2 (1 - rho))    for rho < 1, and without limit from 1 on.

Closed: N users each wait for an answer, think, and ask again. Whatever the distributions are
(Denning and Buzen, "The operational analysis of queueing network models", ACM Computing Surveys
10, 1978)

    X <= min(N / (R_0 + Z), 1 / D)

with R_0 the response of a lone request, Z the time to think, and D the time that a request takes
of what is busiest. In both, Little's law: N = X (R + Z) (Operations Research 9, 1961).

Times are milliseconds, rates are per second.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """How long a server works on a request: the mean, and C^2 = variance / mean^2.

    C^2 is 0 where all take the same time and 1 for an exponential distribution. Raises
    ``ValueError`` for a mean that is not positive, or a negative C^2.
    """

    mean_ms: float
    variation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.mean_ms > 0 and self.variation >= 0):
            raise ValueError("a service takes more than no time, and its C^2 is 0 or more")

    @classmethod
    def mixture(cls, parts: Iterable[tuple[float, Self]]) -> Self:
        """Return the service of requests that are each of one kind, given as share and service.

        Raises ``ValueError`` for shares that do not add up to 1.
        """
        kinds = list(parts)
        if not math.isclose(sum(share for share, _ in kinds), 1.0):
            raise ValueError("the shares of a mixture have to add up to 1")
        mean_ms = sum(share * each.mean_ms for share, each in kinds)
        square = sum(share * each.square_ms2 for share, each in kinds)
        # A mixture of equals comes out a rounding error below 0.
        return cls(mean_ms, max(0.0, square / mean_ms**2 - 1))

    @property
    def square_ms2(self) -> float:
        """Return E[S^2] in square milliseconds."""
        return self.mean_ms**2 * (1 + self.variation)

    @property
    def capacity_per_s(self) -> float:
        """Return the rate at which the server is never idle: 1 / E[S]."""
        return _MS_PER_S / self.mean_ms


def utilization(rate_per_s: float, service: ServiceTime) -> float:
    """Return rho = lambda E[S], the share of time that the server works; 1 and more is overload.

    Raises ``ValueError`` for a negative rate.
    """
    if not rate_per_s >= 0:
        raise ValueError(f"a rate is 0 or more, not {rate_per_s}")
    return rate_per_s * service.mean_ms / _MS_PER_S


def mean_wait_ms(rate_per_s: float, service: ServiceTime) -> float:
    """Return how long a request waits before its service, infinite for a server that is overloaded.

    The queue of such a server only grows: no mean exists, and what one measures says how long one
    has measured.
    """
    busy = utilization(rate_per_s, service)
    if busy >= 1:
        return math.inf
    return rate_per_s / _MS_PER_S * service.square_ms2 / (2 * (1 - busy))


def mean_response_ms(rate_per_s: float, service: ServiceTime) -> float:
    """Return R, the wait and the service."""
    return service.mean_ms + mean_wait_ms(rate_per_s, service)


def closed_bound_per_s(
    users: float, *, response_ms: float, bottleneck_ms: float, think_ms: float = 0.0
) -> float:
    """Return the most answers per second that so many users can get: min(N / (R_0 + Z), 1 / D).

    Raises ``ValueError`` for times that are not positive.
    """
    if not (response_ms > 0 and bottleneck_ms > 0 and think_ms >= 0):
        raise ValueError("an answer takes time, and so does its part at the bottleneck")
    return _MS_PER_S * min(users / (response_ms + think_ms), 1 / bottleneck_ms)


def users_at_knee(*, response_ms: float, bottleneck_ms: float, think_ms: float = 0.0) -> float:
    """Return how many users it takes to meet both bounds; with more, they wait for each other."""
    return (response_ms + think_ms) / bottleneck_ms


def response_by_little_ms(users: float, *, rate_per_s: float, think_ms: float = 0.0) -> float:
    """Return the mean response R = N / X - Z of so many users who get so many answers per second.

    Raises ``ValueError`` for a rate that is not positive.
    """
    if not rate_per_s > 0:
        raise ValueError("where nobody is answered there is no response time")
    return _MS_PER_S * users / rate_per_s - think_ms
