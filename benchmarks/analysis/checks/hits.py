"""Whether a cache in which nothing expires hits as often as it can."""

from collections import defaultdict

from benchmarks.analysis.checks.check import Check
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.quantities.ideal import ideal_hits
from benchmarks.storage.records import Sample

MISSED = 0.01
"""Which case of the hits may be missing: a read that Redis did not answer in time is a miss."""


def hits(case: Measured) -> Check:
    """Check every block of a mix against an ideal cache that got the same operations.

    Too few hits mean that something was forgotten or never stored, which makes the variant look
    slower than it is. That none is too many is what the equal bodies show.
    """
    blocks: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for sample in case.samples:
        if sample.variant in case.ours:
            blocks[sample.variant, sample.block].append(sample)
    ideal: dict[str, int] = defaultdict(int)
    seen: dict[str, int] = defaultdict(int)
    for (variant, _), block in blocks.items():
        ideal[variant] += ideal_hits(block, case.changing)
        seen[variant] += sum(sample.outcome == "hit" for sample in block)
    return case.check(
        "hits",
        passed=all(seen[name] >= (1 - MISSED) * ideal[name] for name in ideal),
        detail="; ".join(f"{name} hit {seen[name]} of {ideal[name]} times" for name in ideal),
        advice="is Redis full, restarted, or slower than the deadline of the service?",
    )
