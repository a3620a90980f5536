"""What a cache costs where it does not help: on a miss, and on a write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.verdict import CONFIDENCE
from benchmarks.analysis.stats.blocks import block_means_ms
from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval, paired_log_interval
from benchmarks.storage.records import Sample

What = Literal["miss", "write"]

BOUNDS: dict[What, float] = {"miss": 1.25, "write": 1.5}
"""How many times as long as the reference ours may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """A variant's mean time over the reference's, with the interval at ``CONFIDENCE``.

    ``decision`` is ``held`` when the whole interval is at most at the bound of :data:`BOUNDS`,
    ``not held`` when none of it is.
    """

    variant: str
    what: What
    ratio: Interval
    decision: Literal["held", "not held", "undecided"]


def overheads(
    samples: Sequence[Sample], *, variants: Sequence[str], cold: bool
) -> tuple[Overhead, ...]:
    """Return the overheads that the complete observations of one regime show.

    With ``cold`` the first read of a session meets an empty cache and is the miss; it is chosen by
    its place and not by its outcome, and compared with the reference's reads at the same place.
    Writes are all requests of a scenario that writes. The first variant is the reference.
    """
    counted, what = _counted(samples, cold=cold)
    observations = {sample.observation for sample in counted}
    if len(observations) < LEAST_OBSERVATIONS:
        return ()
    reference, *others = variants
    baseline = block_means_ms(counted, reference)
    return tuple(
        Overhead(variant=name, what=what, ratio=ratio, decision=_decide(ratio, BOUNDS[what]))
        for name in others
        for ratio in [
            paired_log_interval(block_means_ms(counted, name), baseline, confidence=CONFIDENCE)
        ]
    )


def _counted(samples: Sequence[Sample], *, cold: bool) -> tuple[list[Sample], What]:
    writes = [sample for sample in samples if sample.outcome == "write"]
    if writes:
        return writes, "write"
    return [sample for sample in samples if cold and sample.index == 0], "miss"


def _decide(ratio: Interval, bound: float) -> Literal["held", "not held", "undecided"]:
    if ratio.high <= bound:
        return "held"
    return "not held" if ratio.low > bound else "undecided"
