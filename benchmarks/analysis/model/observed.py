"""What is looked at of a measured request, and its means."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

MS_PER_S = 1000.0
LEAST_OUTCOMES = 10
"""How many hits, and how many misses, it takes to say of others what they took."""


class Request(Protocol):
    """One request of one session, as ``benchmarks.storage.records.Sample`` keeps it."""

    @property
    def scenario(self) -> str:
        """What was asked, and how."""

    @property
    def regime(self) -> str:
        """How slow the database was made."""

    @property
    def variant(self) -> str:
        """Who answered."""

    @property
    def index(self) -> int:
        """At which position of the session, from 0."""

    @property
    def outcome(self) -> str:
        """``bypass``, ``miss``, ``partial``, ``hit``, ``write`` or something else."""

    @property
    def duration_s(self) -> float:
        """How long the client waited."""

    @property
    def db_ms(self) -> float | None:
        """How long of that the service waited for the database, once where waits overlap."""

    @property
    def cache_ms(self) -> float | None:
        """How long it waited for the cache."""


R = TypeVar("R", bound=Request)


def select(
    requests: Iterable[R],
    *,
    variant: str | None = None,
    scenario: str | None = None,
    regime: str | None = None,
    outcome: str | None = None,
) -> list[R]:
    """Return the requests of which everything that is given is true."""
    wanted = {"variant": variant, "scenario": scenario, "regime": regime, "outcome": outcome}
    asked = [(name, value) for name, value in wanted.items() if value is not None]
    return [
        request
        for request in requests
        if all(getattr(request, name) == value for name, value in asked)
    ]


def mean_ms(requests: Sequence[Request]) -> float | None:
    """Return their mean time, None for no requests."""
    return statistics.fmean(r.duration_s * MS_PER_S for r in requests) if requests else None


def mean_span_ms(
    requests: Sequence[Request], span: Callable[[Request], float | None]
) -> float | None:
    """Return the mean of a span that the service reported, None when one is missing."""
    spans = [span(request) for request in requests]
    known = [each for each in spans if each is not None]
    return statistics.fmean(known) if known and len(known) == len(spans) else None


def hit_share(requests: Sequence[Request]) -> float | None:
    """Return the hits per read, None without reads; a hit on some slots only is none."""
    reads = [request for request in requests if request.outcome != "write"]
    return sum(r.outcome == "hit" for r in reads) / len(reads) if reads else None


def by_scenario_and_regime(requests: Iterable[R]) -> dict[tuple[str, str], list[R]]:
    """Return the requests of each scenario in each regime, in their order."""
    groups: dict[tuple[str, str], list[R]] = defaultdict(list)
    for request in requests:
        groups[request.scenario, request.regime].append(request)
    return dict(groups)
