"""Was everything steady: each variant like itself, the second half like the first.

What is unsteady is *noisy*: it voids nothing, since the intervals are widened by it
(``quantities.noise``). What too few observations tell is *cannot tell*, never *passed*.
"""

from collections.abc import Sequence

from benchmarks.analysis.checks.check import ALARM, Check, Result
from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.claims.verdict import equal_to, within_bound
from benchmarks.analysis.quantities.groups import Group
from benchmarks.analysis.quantities.noise import (
    LEAST_PAIRS,
    Noise,
    against_itself,
    halves,
    shows,
    widening,
)
from benchmarks.analysis.stats.intervals import CONFIDENCE, Interval, from_log


def noise(case: Group) -> list[Check]:
    """Check every variant against itself: its whole interval must lie within ``MARGIN`` of 1.

    Sequential repeats on shared machines found two identical systems 38 % apart at 95 % confidence
    (Abedi and Brecht, ICPE 2017).
    """
    found = against_itself(case.samples)
    if not found:
        return [
            Check.of(
                case,
                "noise",
                "cannot tell",
                detail="nothing was measured twice often enough to tell the noise",
                advice="measure more blocks",
                whole_run=True,
            )
        ]
    factor = widening(found)
    return [_noise(case, each, factor) for each in found]


def drift(case: Group) -> Check:
    """Check that no ratio to the reference changed from the first half to the second.

    Noisy is a change whose interval at ``ALARM`` lies wholly outside +-``MARGIN``, passed are
    changes whose intervals at ``CONFIDENCE`` lie wholly within. Interleaving hides a machine that
    slowly changes from the ratio; it cannot hide a ratio that does.
    """
    changes = {name: _changes(case, name) for name in case.variants[1:]}
    results = {name: _drifted(*change) for name, change in changes.items() if change}
    worst: Result = next(
        (each for each in ("noisy", "cannot tell") if each in results.values()),
        "passed" if results else "cannot tell",
    )
    shown = [name for name, result in results.items() if result == worst]
    likely = {name: changes[name][-1] for name in shown}
    seen = ", ".join(
        f"{name} {each.centre:.2f} [{each.low:.2f}, {each.high:.2f}]"
        for name, each in likely.items()
    )
    return Check.of(
        case,
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


def _noise(case: Group, found: Noise, factor: float) -> Check:
    ratio = found.ratio
    least, most = equal_to(1.0)
    equal = within_bound(ratio, least=least, most=most) == "held"
    widened = f"; intervals are {factor:.1f} times as wide for it" if shows(factor) else ""
    return Check.of(
        case,
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


def _changes(case: Group, name: str) -> Sequence[Interval]:
    """Return the change of a ratio at ``ALARM`` and at ``CONFIDENCE``, nothing if it has none."""
    if name in case.header.ceilings:
        return ()
    found = (
        halves(case.samples, case.reference, name, confidence=confidence)
        for confidence in (ALARM, CONFIDENCE)
    )
    return [from_log(each) for each in found if each is not None]


def _drifted(surely: Interval, likely: Interval) -> Result:
    least, most = equal_to(1.0)
    if within_bound(surely, least=least, most=most) == "not held":
        return "noisy"
    return "passed" if within_bound(likely, least=least, most=most) == "held" else "cannot tell"
