"""What the blocks of a variant took, in the order of the observations."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence

from benchmarks.records import Sample

MS_PER_S = 1000.0


def block_means_ms(
    samples: Sequence[Sample],
    variant: str,
    value_ms: Callable[[Sample], float | None] = lambda sample: sample.duration_s * MS_PER_S,
) -> list[float]:
    """Return a variant's mean per request in each block, in the order of the observations.

    Requests without a value are left out.
    """
    values: dict[int, list[float]] = defaultdict(list)
    for sample in samples:
        if sample.variant == variant and (value := value_ms(sample)) is not None:
            values[sample.observation].append(value)
    return [statistics.fmean(values[key]) for key in sorted(values)]
