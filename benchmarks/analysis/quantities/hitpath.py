"""What a read costs once the cache is filled, beside the same reads without one."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.analysis.stats.blocks import MS_PER_S, block_means_ms
from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval, paired_log_interval
from benchmarks.storage.records import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPath:
    """The reads of a variant that a filled cache answers, or would answer if there were one.

    ``speedup`` is reference / variant, ``of_ceiling`` ceiling / variant, both of the means of the
    blocks with 95 % intervals; None for the variant itself, and for fewer than two observations.
    """

    variant: str
    p50_ms: float
    speedup: Interval | None
    of_ceiling: Interval | None


def hit_paths(
    samples: Sequence[Sample],
    *,
    variants: Sequence[str],
    ceiling: str | None,
    cold: bool,
) -> tuple[HitPath, ...]:
    """Return the hit path of every variant; the first one is the reference.

    ``samples`` are the complete observations of one regime. Which reads count is decided by
    their place, not by what came of them: with ``cold`` all but the first of a session, else all.
    So a variant that does not hit shows what it costs, and nothing is chosen by its outcome.
    """
    counted = [sample for sample in samples if sample.index > 0 or not cold]
    if not counted or any(sample.outcome == "write" for sample in counted):
        return ()
    times_ms = {name: block_means_ms(counted, name) for name in variants}
    reference = times_ms[variants[0]]
    return tuple(
        HitPath(
            variant=name,
            p50_ms=statistics.median(
                sample.duration_s * MS_PER_S for sample in counted if sample.variant == name
            ),
            speedup=_ratio(reference, times_ms[name]) if name != variants[0] else None,
            of_ceiling=_ratio(times_ms[ceiling], times_ms[name])
            if ceiling is not None and name != ceiling
            else None,
        )
        for name in variants
    )


def _ratio(reference: Sequence[float], variant: Sequence[float]) -> Interval | None:
    if len(reference) < LEAST_OBSERVATIONS:
        return None
    return paired_log_interval(reference, variant)
