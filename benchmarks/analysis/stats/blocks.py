"""What the blocks of a variant took, in the order of the observations.

Blocks of a load hold as many writes as chance had it, and on a slow database a write costs as much
as twenty reads: their number would be most of what blocks differ by. So each kind of request is
averaged for itself and weighed by its share of the whole run, the same for every variant
(post-stratification; Holt and Smith, "Post stratification", JRSS A 142, 1979).
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from benchmarks.storage.records import LOAD, Sample

MS_PER_S = 1000.0
Place = TypeVar("Place", bound=Hashable)


def block_means_ms(
    samples: Sequence[Sample],
    variant: str,
    value_ms: Callable[[Sample], float | None] = lambda sample: sample.duration_s * MS_PER_S,
) -> list[float]:
    """Return a variant's mean per request in each block, in the order of the observations.

    Requests without a value are left out. Of a load it is the mean of the usual mix of actions.
    """
    values = [
        (sample.observation, sample.action, value)
        for sample in samples
        if sample.variant == variant and (value := value_ms(sample)) is not None
    ]
    if samples and samples[0].regime == LOAD:
        means = stratified_means(values, shares(sample.action for sample in samples))
        return [means[key] for key in sorted(means)]
    blocks: dict[int, list[float]] = defaultdict(list)
    for observation, _, value in values:
        blocks[observation].append(value)
    return [statistics.fmean(blocks[key]) for key in sorted(blocks)]


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
