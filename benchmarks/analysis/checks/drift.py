"""Was the second half of a case like the first."""

import math
from collections.abc import Iterator

from benchmarks.analysis.checks.check import ALARM, Check
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.claims.verdict import MARGIN
from benchmarks.analysis.stats.blocks import block_means_ms
from benchmarks.analysis.stats.ratio import Interval, mean_difference

LEAST_PAIRS = 4
"""Two in each half: fewer have no interval."""


def drift(case: Measured) -> Check:
    """Check that no ratio to the reference changed by more than the margin of the verdicts.

    The logarithms of the paired ratios of the second half of the observations are compared with
    those of the first, unpaired. What is not shown to have changed passes: the check fails where
    the whole interval of the change at ``ALARM`` lies outside +-``MARGIN``. Interleaving hides a
    machine that slowly changes from the ratio; it cannot hide a ratio that does.
    """
    changes = dict(_changes(case))
    moved = {
        name: change
        for name, change in changes.items()
        if change.low > math.log1p(MARGIN) or change.high < -math.log1p(MARGIN)
    }
    shown = moved or changes
    seen = ", ".join(f"{name} {_described(change)}" for name, change in shown.items())
    return case.check(
        "drift",
        passed=not moved,
        detail=f"ratio of the second half to the first, at {ALARM:.1%}: {seen}"
        if seen
        else f"fewer than {LEAST_PAIRS} observations: no halves to compare",
        advice="the machine or a service changed while it was measured: let it settle, warm up "
        "longer, measure again",
    )


def _changes(case: Measured) -> Iterator[tuple[str, Interval]]:
    """Yield the change of each ratio as the logarithm of a factor."""
    reference_ms = block_means_ms(case.samples, case.reference)
    if len(reference_ms) < LEAST_PAIRS:
        return
    for name in case.variants[1:]:
        if name in case.ceilings:
            continue
        variant_ms = block_means_ms(case.samples, name)
        logs = [math.log(a / b) for a, b in zip(reference_ms, variant_ms, strict=True)]
        middle = len(logs) // 2
        yield name, mean_difference(logs[:middle], logs[middle:]).interval(ALARM)


def _described(change: Interval) -> str:
    centre, low, high = (math.exp(value) for value in (change.centre, change.low, change.high))
    return f"{centre:.2f} [{low:.2f}, {high:.2f}]"
