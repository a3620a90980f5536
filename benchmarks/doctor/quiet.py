"""Is this machine quiet enough to measure on? Thresholds, each with its reason."""

from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.verdict import MARGIN
from benchmarks.doctor.findings import Finding, graded, ok
from benchmarks.doctor.noise import PAIRS, Noise
from benchmarks.doctor.watch import BLOCK_S, Watched

NOISE_FLOOR = 0.05
"""The most that equal variants may differ by in a comparison, METHOD's bound for its A/A."""

# A request that hits takes about 1 ms: a clock that steps by a hundredth of it is in every figure.
_COARSE_CLOCK_S = 10e-6
# What an open loop may be late by before its load is not the one that was asked for.
_LATE_S = 0.001
# A core that others use is one that client and service do not have; with more than half of the
# machine gone, what is measured is the scheduler.
_BUSY, _TOO_BUSY = 0.10, 0.50
# Stolen time is in every duration: 1 % of it is as large as the interval of a long run, and 10 %
# is the margin of a verdict.
_STOLEN, _TOO_STOLEN = 0.01, MARGIN
# Somebody waits for a CPU although we sleep: there is none left for us.
_WAITING = 0.10
_LOADED = 0.25

_FREE = "end other programs, builds and tests first, or wait until they are done"
_ELSEWHERE = "another machine shares the processor: use a dedicated one, or measure at night"


def judge_quiet(watched: Watched, *, cpus: int) -> list[Finding]:
    """Judge everything that was seen; ``cpus`` is how many there are for us."""
    idle = watched.idle
    return [
        graded(
            "load",
            watched.load / cpus,
            f"{watched.load:.2f} in the last minute, on {cpus} CPUs",
            warn=_LOADED,
            fail=None,
            advice=_FREE,
        ),
        _share("used by others", idle.busy_share, warn=_BUSY, fail=_TOO_BUSY, advice=_FREE),
        _share("waiting for a CPU", idle.pressure_share, warn=_WAITING, fail=None, advice=_FREE),
        _share("stolen", idle.steal_share, warn=_STOLEN, fail=_TOO_STOLEN, advice=_ELSEWHERE),
        *_throttling(watched.throttled),
        graded(
            "clock",
            watched.resolution_s,
            f"steps of {watched.resolution_s * 1e9:.0f} ns",
            warn=_COARSE_CLOCK_S,
            fail=None,
            advice="on Linux, choose the clock source tsc",
        ),
        _lag(watched.lags_s),
        *_equal_work(watched.noise),
    ]


def conclusion(noise: Noise) -> str:
    """Say in one sentence how small a difference can be measured here, and why."""
    found, spread = noise.detectable, noise.spread
    return (
        f"This machine can measure differences above about {found.centre:.1%} "
        f"[{found.low:.1%}, {found.high:.1%}]: {noise.pairs} interleaved pairs of the same "
        f"{BLOCK_S * 1000:.0f} ms of work differed by {spread.centre:.1%} (standard deviation), "
        f"and {PAIRS} such pairs, as many as a quick comparison has, tell so much from nothing in "
        "8 of 10 cases; requests also wait for sockets and for other processes, so for them take "
        "it as the least, and the A/A of a comparison as the answer."
    )


def _share(
    name: str, share: float | None, *, warn: float, fail: float | None, advice: str
) -> Finding:
    if share is None:
        return ok(name, "cannot be read on this system")
    return graded(name, share, f"{share:.1%} while we slept", warn=warn, fail=fail, advice=advice)


def _throttling(throttled: int | None) -> list[Finding]:
    if throttled is None:
        return []
    seen = f"our group was stopped {throttled} times for having used its quota of CPU time up"
    advice = "raise or remove the container's CPU quota"
    return [graded("throttled", throttled, seen, warn=0, fail=None, advice=advice)]


def _lag(lags_s: Sequence[float]) -> Finding:
    median_s, p99_s = (float(np.percentile(lags_s, at)) for at in (50, 99))
    return graded(
        "wake-up lag",
        p99_s,
        f"{median_s * 1000:.2f} ms (p50), {p99_s * 1000:.2f} ms (p99) after each of "
        f"{len(lags_s)} naps",
        warn=_LATE_S,
        fail=None,
        advice=f"an open loop should start its requests within {_LATE_S * 1000:.0f} ms: {_FREE}",
    )


def _equal_work(noise: Noise) -> list[Finding]:
    ratio = noise.ratio
    seen = f"A / A = {ratio.centre:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"
    # As far from 1 as the whole interval is, 0 when it holds 1.
    bias = max(0.0, ratio.low - 1, 1 / ratio.high - 1)
    return [
        graded(
            "equal work",
            bias,
            f"{seen} over {noise.pairs} interleaved pairs",
            warn=0.0,
            fail=NOISE_FLOOR,
            advice="equal work should not differ; once in 20 looks it does by chance: look again",
        ),
        graded(
            "noise",
            noise.detectable.centre,
            f"one pair varies by {noise.spread.centre:.1%}, so {PAIRS} pairs tell "
            f"{noise.detectable.centre:.1%} from nothing",
            warn=NOISE_FLOOR,
            fail=MARGIN,
            advice=f"a verdict's margin is {MARGIN:.0%}, so less has to be visible: {_FREE}",
        ),
    ]
