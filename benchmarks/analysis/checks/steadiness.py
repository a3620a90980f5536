"""Was everything steady: each variant like itself, the second half like the first.

What is unsteady is *noisy*: it voids nothing, since the intervals are widened by it
(``quantities.noise``). What too few observations tell is *cannot tell*, never *passed*.
"""

import math
from collections.abc import Iterator

from benchmarks.analysis.checks.check import ALARM, Check, Measured, Result
from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.claims.verdict import equal_to, within_bound
from benchmarks.analysis.quantities.noise import (
    LEAST_PAIRS,
    Noise,
    against_itself,
    halves,
    shows,
    widening,
)
from benchmarks.analysis.stats.intervals import CONFIDENCE, Interval, MeanDifference, from_log


def noise(case: Measured) -> list[Check]:
    """Check every variant against itself: its whole interval must lie within ``MARGIN`` of 1.

    Sequential repeats on shared machines found two identical systems 38 % apart at 95 % confidence
    (Abedi and Brecht, ICPE 2017).
    """
    found = against_itself(case.samples)
    if not found:
        return [
            case.check(
                "noise",
                "cannot tell",
                detail="nothing was measured twice often enough to tell the noise",
                advice="measure more blocks",
                whole_run=True,
            )
        ]
    factor = widening(found)
    return [_noise(case, each, factor) for each in found]


def drift(case: Measured) -> Check:
    """Check that no ratio to the reference changed from the first half to the second.

    Noisy is a change whose interval at ``ALARM`` lies wholly outside +-``MARGIN``, passed are
    changes whose intervals at ``CONFIDENCE`` lie wholly within. Interleaving hides a machine that
    slowly changes from the ratio; it cannot hide a ratio that does.
    """
    changes = dict(_changes(case))
    results = {name: _drifted(change) for name, change in changes.items()}
    worst: Result = next(
        (each for each in ("noisy", "cannot tell") if each in results.values()),
        "passed" if results else "cannot tell",
    )
    shown = [name for name, result in results.items() if result == worst]
    seen = ", ".join(f"{name} {_described(changes[name])}" for name in shown)
    return case.check(
        "drift",
        worst,
        detail=f"ratio of the second half to the first, at {CONFIDENCE:.0%}: {seen}"
        if seen
        else f"fewer than {LEAST_PAIRS} observations: no halves to compare",
        advice="the machine or a service changed while it was measured: let it settle, warm up "
        "longer, measure again"
        if worst == "noisy"
        else "measure more blocks",
        touches="times",
        variants=shown,
    )


def _noise(case: Measured, found: Noise, factor: float) -> Check:
    ratio = found.ratio
    least, most = equal_to(1.0)
    equal = within_bound(ratio, least=least, most=most) == "held"
    widened = f"; intervals are {factor:.1f} times as wide for it" if shows(factor) else ""
    return case.check(
        "noise",
        "passed" if equal else "noisy",
        detail=f"{found.variant} against itself: {ratio.centre:.3f} [{ratio.low:.3f}, "
        f"{ratio.high:.3f}] in {found.observations} pairs of blocks, to be within {MARGIN:.0%} "
        f"of 1{widened}",
        advice="end what else runs on this machine (fivefold doctor tells how busy it is), or "
        "measure more blocks (--blocks)",
        touches="times",
        whole_run=True,
    )


def _changes(case: Measured) -> Iterator[tuple[str, MeanDifference]]:
    for name in case.variants[1:]:
        if name not in case.ceilings:
            change = halves(case.samples, case.reference, name)
            if change is not None:
                yield name, change


def _drifted(change: MeanDifference) -> Result:
    surely, likely = (change.interval(confidence) for confidence in (ALARM, CONFIDENCE))
    edge = math.log1p(MARGIN)
    if surely.low > edge or surely.high < -edge:
        return "noisy"
    return "passed" if -edge <= likely.low and likely.high <= edge else "cannot tell"


def _described(change: MeanDifference) -> str:
    factor: Interval = from_log(change.interval())
    return f"{factor.centre:.2f} [{factor.low:.2f}, {factor.high:.2f}]"
