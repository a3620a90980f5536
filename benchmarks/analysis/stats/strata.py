"""Means of a random mix of cheap and dear requests, without the chance of how many were dear.

Blocks of time hold as many writes as chance had it, and on a slow database a write costs as much
as twenty reads: their number would be most of what blocks differ by. So each kind of request is
averaged for itself and weighed by its share of the whole run, the same for every variant
(post-stratification; Holt and Smith, "Post stratification", JRSS A 142, 1979).
"""

import statistics
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)


def shares(kinds: Iterable[Hashable]) -> dict[Hashable, float]:
    """Return which part of all there are of each kind."""
    counts: dict[Hashable, int] = defaultdict(int)
    for kind in kinds:
        counts[kind] += 1
    total = sum(counts.values())
    return {kind: count / total for kind, count in counts.items()}


def stratified_means(
    values: Iterable[tuple[Place, Hashable, float]], weights: Mapping[Hashable, float]
) -> dict[Place, float]:
    """Return the mean at each place from values with their place and kind.

    A place without a kind gets the mean that this kind has at all places; kinds that are nowhere
    weigh nothing.
    """
    at: dict[Place, dict[Hashable, list[float]]] = defaultdict(lambda: defaultdict(list))
    everywhere: dict[Hashable, list[float]] = defaultdict(list)
    for place, kind, value in values:
        at[place][kind].append(value)
        everywhere[kind].append(value)
    usual = {kind: statistics.fmean(every) for kind, every in everywhere.items()}
    whole = sum(weights[kind] for kind in usual)
    return {
        place: sum(
            weights[kind] * (statistics.fmean(kinds[kind]) if kind in kinds else mean)
            for kind, mean in usual.items()
        )
        / whole
        for place, kinds in at.items()
    }
