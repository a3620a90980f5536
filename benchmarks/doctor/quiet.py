"""Is this machine quiet enough to measure on? First doing nothing, then equal work again and again.

The noise figure is of pairs of blocks of the same work, one after the other: a difference d is
found with the probability 1 - b at the two-sided level a when
n >= ((t_{1-a/2, n-1} + t_{1-b, n-1}) s / d)^2 (NIST/SEMATECH e-Handbook of Statistical Methods,
7.2.2.2), here solved for d with a = 5 %, b = 20 % and the standard deviation s of the logarithm of
one pair's ratio.
"""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.analysis.claims.claim import MARGIN
from benchmarks.analysis.stats.intervals import student_quantile
from benchmarks.measure.system import SystemReading, read_system, spent
from benchmarks.storage.records import SystemUse

BLOCK_S = 0.02
"""Seconds of a block of work, about as many as one of cached sessions takes."""
PAIRS = 30
"""Pairs of blocks in the comparison that the figure is given for."""
LEAST_PAIRS = 6
NOISE_FLOOR = 0.05
"""The most that equal variants may differ by in a comparison: the bound of its A/A."""

_IDLE_SHARE = 0.4
_NS_PER_S = 1e9
# A core that others use is one that client and service do not have; with more than half of the
# machine gone, what is measured is the scheduler.
_BUSY, _TOO_BUSY = 0.10, 0.50
# Stolen time is in every duration: 1 % of it is as large as the interval of a long run, and 10 %
# is the margin of a verdict.
_STOLEN, _TOO_STOLEN = 0.01, MARGIN

_FREE = "end other programs, builds and tests first, or wait until they are done"
_ELSEWHERE = "another machine shares the processor: use a dedicated one, or measure at night"


Status = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """One line: what was looked at, what was seen and, where it is not ok, what to do."""

    name: str
    seen: str
    status: Status = "ok"
    advice: str = ""


def spin(rounds: int) -> int:
    """Compute something that takes as long as it has rounds, and no memory."""
    value = 1
    for _ in range(rounds):
        value = (value * 1_103_515_245 + 12_345) & 0xFFFF_FFFF
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """The parts of the machine that a look reads; tests pass in others."""

    clock_ns: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep
    spin: Callable[[int], object] = spin
    system: Callable[[], SystemReading] = read_system


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The result: ``idle`` while we slept, and how much ``pairs`` of equal work differed.

    ``spread`` is the standard deviation of the logarithm of one pair's ratio.
    """

    idle: SystemUse
    pairs: int
    spread: float

    @property
    def detectable(self) -> float:
        """Return the smallest difference, 0.05 for 5 %, that ``PAIRS`` pairs tell from nothing."""
        reach = sum(student_quantile(PAIRS - 1, share) for share in (0.975, 0.80))
        return math.expm1(reach * self.spread / math.sqrt(PAIRS))


def watch(seconds: float, instruments: Instruments | None = None) -> Watched:
    """Look for about so many seconds, on one CPU's worth of work at most.

    A machine that is slower later than when the work was calibrated gets fewer pairs of blocks,
    but never fewer than six.
    """
    instruments = instruments or Instruments()
    before = instruments.system()
    instruments.sleep(seconds * _IDLE_SHARE)
    idle = spent(before, instruments.system())
    logs = _log_ratios(seconds * (1 - _IDLE_SHARE), instruments)
    return Watched(idle=idle, pairs=len(logs), spread=statistics.stdev(logs))


def judge_quiet(watched: Watched) -> list[DoctorLine]:
    """Judge everything that was seen."""
    idle = watched.idle
    return [
        _share("used by others", idle.busy_share, bounds=(_BUSY, _TOO_BUSY), advice=_FREE),
        _share("stolen", idle.steal_share, bounds=(_STOLEN, _TOO_STOLEN), advice=_ELSEWHERE),
        _graded(
            "noise",
            watched.detectable,
            f"one pair varies by {watched.spread:.1%}, so {PAIRS} pairs tell "
            f"{watched.detectable:.1%} from nothing",
            bounds=(NOISE_FLOOR, MARGIN),
            advice=f"a verdict's margin is {MARGIN:.0%}, so less has to be visible: {_FREE}",
        ),
    ]


def conclusion(watched: Watched) -> str:
    """Say in one sentence how small a difference can be measured here."""
    return (
        f"This machine can measure differences above about {watched.detectable:.1%}; requests also "
        "wait for sockets and for other processes, so for them the A/A of a comparison is the "
        "answer."
    )


def _graded(
    name: str, value: float, seen: str, *, bounds: tuple[float, float], advice: str
) -> DoctorLine:
    """Judge a value of which less is better: a warning above the first bound, then a FAIL."""
    warn, fail = bounds
    if value <= warn:
        return DoctorLine(name, seen)
    return DoctorLine(name, seen, status="FAIL" if value > fail else "warn", advice=advice)


def _share(
    name: str, share: float | None, *, bounds: tuple[float, float], advice: str
) -> DoctorLine:
    if share is None:
        return DoctorLine(name, "cannot be read on this system")
    return _graded(name, share, f"{share:.1%} while we slept", bounds=bounds, advice=advice)


def _log_ratios(seconds: float, instruments: Instruments) -> list[float]:
    """Return by how much the second block of a pair took longer than the first, as logarithms."""
    rounds = _calibrated(instruments)
    end_ns = instruments.clock_ns() + seconds * _NS_PER_S
    logs: list[float] = []
    while len(logs) < LEAST_PAIRS or instruments.clock_ns() < end_ns:
        first, second = _time_s(rounds, instruments), _time_s(rounds, instruments)
        logs.append(math.log(second / first))
    return logs


def _calibrated(instruments: Instruments) -> int:
    """Return how many rounds of work take ``BLOCK_S`` seconds: the fastest of a few tries."""
    rounds = 1_000
    while _time_s(rounds, instruments) < BLOCK_S / 4:
        rounds *= 2
    fastest_s = min(_time_s(rounds, instruments) for _ in range(5))
    return max(1, round(rounds * BLOCK_S / fastest_s))


def _time_s(rounds: int, instruments: Instruments) -> float:
    began_ns = instruments.clock_ns()
    instruments.spin(rounds)
    return (instruments.clock_ns() - began_ns) / _NS_PER_S
