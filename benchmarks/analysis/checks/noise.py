"""A/A: every variant against itself, which has to come out as 1.

The same process is measured twice in the same interleaved blocks as everything else, so what
differs from 1 is the harness and the machine. Sequential repeats on shared machines found two
identical systems 38 % apart at 95 % confidence (Abedi and Brecht, ICPE 2017).

The rule is fixed in advance. Asking whether the 95 % interval holds 1 would cry wolf in 5 % of
clean runs, so it is an equivalence that is asked for:

- noisy where the interval's half-width is more than a limit (``MARGIN``, or 5 % in the full
  profile, METHOD 3): then nothing can be told;
- else different where the whole interval at ``ALARM`` lies outside +-5 %;
- else noisy again where it does not lie within +-``MARGIN``, the margin that verdicts grant: two
  measurements of the same thing would not be found equal by the rule that claims are judged by.

Both limits are wider where users queue for each other (``checks.load``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from benchmarks.analysis.checks.check import ALARM, Check
from benchmarks.analysis.checks.measured import Measured
from benchmarks.analysis.claims.verdict import MARGIN
from benchmarks.analysis.stats.blocks import block_means_ms
from benchmarks.analysis.stats.ratio import LEAST_OBSERVATIONS, Interval, paired_log_interval
from benchmarks.storage.records import AGAIN, Sample

DIFFERENT = 0.05
HALF_WIDTHS: Mapping[str, float] = {"full": 0.05}
"""How wide an interval may be on each side, by profile; ``MARGIN`` in the others."""

Finding = Literal["equal", "noisy", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A variant against itself: first / again, of the means of paired blocks, at 95 %.

    ``floor`` is how far off 1 the interval reaches, as a share: a ratio that is not farther off
    shows no effect. ``surely`` is the interval of the same ratio at ``ALARM``.
    """

    variant: str
    ratio: Interval
    surely: Interval
    observations: int
    floor: float

    @classmethod
    def of(cls, variant: str, first: Sequence[float], again: Sequence[float]) -> Self:
        """Compare paired blocks; raises ``ValueError`` for fewer than two pairs."""
        ratio = paired_log_interval(first, again)
        return cls(
            variant=variant,
            ratio=ratio,
            surely=paired_log_interval(first, again, confidence=ALARM),
            observations=len(first),
            floor=math.exp(max(abs(math.log(ratio.low)), abs(math.log(ratio.high)))) - 1,
        )

    @property
    def half_width(self) -> float:
        """Return how far the interval reaches from its own centre, as a share."""
        return math.sqrt(self.ratio.high / self.ratio.low) - 1

    def finding(self, *, half_width: float = MARGIN, within: float = MARGIN) -> Finding:
        """Return what the rule says with these limits."""
        if self.half_width > half_width:
            return "noisy"
        if self.surely.low > 1 + DIFFERENT or self.surely.high < 1 / (1 + DIFFERENT):
            return "different"
        return "noisy" if self.floor > within else "equal"


def noise(samples: Sequence[Sample]) -> tuple[Noise, ...]:
    """Return every variant that was measured again, against itself.

    ``samples`` are the complete observations of a scenario in the regime a/a.

    One with fewer than two observations is left out: no interval can be made of them.
    """
    names = dict.fromkeys(sample.variant for sample in samples)
    pairs = {
        name: (block_means_ms(samples, name), block_means_ms(samples, name + AGAIN))
        for name in names
        if name + AGAIN in names
    }
    return tuple(
        Noise.of(name, first, again)
        for name, (first, again) in pairs.items()
        if len(first) >= LEAST_OBSERVATIONS
    )


def within_floor(ratio: float, floor: float) -> bool:
    """Tell whether a ratio is no farther off 1, up or down, than the same thing is from itself."""
    return abs(math.log(ratio)) <= math.log1p(floor)


def equal_to_itself(
    case: Measured, *, half_width: float = MARGIN, within: float = MARGIN
) -> list[Check]:
    """Check every variant against itself.

    ``half_width`` is the widest interval on each side, ``within`` how far off 1 it may reach.
    """
    found = noise(case.samples)
    if not found:
        return [
            case.check(
                "noise",
                passed=False,
                detail="nothing was measured twice often enough to tell the noise",
                advice="measure more blocks",
                whole_run=True,
            )
        ]
    return [_check(case, each, half_width=half_width, within=within) for each in found]


def _check(case: Measured, found: Noise, *, half_width: float, within: float) -> Check:
    finding = found.finding(half_width=half_width, within=within)
    ratio = found.ratio
    advice = {
        "equal": "",
        "noisy": "end what else runs on this machine, or measure more blocks (--blocks)",
        "different": "the same process measured twice differs: nothing of this run can be trusted; "
        "look for what runs at certain times only, and measure again",
    }
    return case.check(
        "noise",
        passed=finding == "equal",
        detail=f"{found.variant} against itself: {finding}, {ratio.centre:.3f} "
        f"[{ratio.low:.3f}, {ratio.high:.3f}] in {found.observations} pairs of blocks; allowed: "
        f"half-width {half_width:.0%}, all of it within {within:.0%} of 1",
        advice=advice[finding],
        whole_run=True,
    )
