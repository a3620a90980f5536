"""Was everything steady: is each variant like itself.

What is unsteady is *noisy*: it voids nothing, since the intervals are widened by it
(``quantities.noise``). What too few observations tell is *cannot tell*, never *passed*.
"""

from benchmarks.analysis.checks.check import Check, Measured
from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.claims.verdict import equal_to, within_bound
from benchmarks.analysis.quantities.noise import Noise, against_itself, shows, widening


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
