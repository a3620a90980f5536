"""What the blocks of a variant took, in the order of the observations."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence

from benchmarks.analysis.stats.strata import shares, stratified_means
from benchmarks.storage.records import LOAD, Sample

MS_PER_S = 1000.0


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
