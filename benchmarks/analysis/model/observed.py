"""The fields of a measured request that the model uses, and their means."""

import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.storage.records import Sample

MS_PER_S = 1000.0
LEAST_OUTCOMES = 10
"""The number of hits, and of misses, from which the model predicts others."""


def select(
    requests: Iterable[Sample],
    *,
    variant: str | None = None,
    scenario: str | None = None,
    regime: str | None = None,
    outcome: str | None = None,
) -> list[Sample]:
    """Return the requests of which everything that is given is true."""
    wanted = {"variant": variant, "scenario": scenario, "regime": regime, "outcome": outcome}
    asked = [(name, value) for name, value in wanted.items() if value is not None]
    return [
        request
        for request in requests
        if all(getattr(request, name) == value for name, value in asked)
    ]


def mean_ms(requests: Sequence[Sample]) -> float | None:
    """Return their mean time, None for no requests."""
    return statistics.fmean(r.duration_s * MS_PER_S for r in requests) if requests else None


def mean_span_ms(
    requests: Sequence[Sample], span: Callable[[Sample], float | None]
) -> float | None:
    """Return the mean of a span that the service reported, None when one is missing."""
    spans = [span(request) for request in requests]
    known = [each for each in spans if each is not None]
    return statistics.fmean(known) if known and len(known) == len(spans) else None


def hit_share(requests: Sequence[Sample]) -> float | None:
    """Return the hits per read, None without reads; a hit on some slots only is none."""
    reads = [request for request in requests if request.outcome != "write"]
    return sum(r.outcome == "hit" for r in reads) / len(reads) if reads else None
