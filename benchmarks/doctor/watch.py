"""Look at the machine for a while: first doing nothing, then the same work again and again."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.doctor.limits import Limits, read_limits
from benchmarks.doctor.noise import LEAST_PAIRS, Noise, noise_of
from benchmarks.measure.blocks import interleave
from benchmarks.measure.system import SystemReading, SystemUse, read_system, spent

BLOCK_S = 0.02
"""How long a block of work takes, about as long as one of cached sessions."""

_NAP_S = 0.002
_IDLE_SHARE = 0.4
_MOST_PAIRS = 1_000
_TICKS = 200
_NS_PER_S = 1e9


def spin(rounds: int) -> int:
    """Compute something that takes as long as it has rounds, and no memory."""
    value = 1
    for _ in range(rounds):
        value = (value * 1_103_515_245 + 12_345) & 0xFFFF_FFFF
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What a look needs of the machine; tests pass in a machine of their own."""

    clock_ns: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep
    spin: Callable[[int], object] = spin
    system: Callable[[], SystemReading] = read_system
    load: Callable[[], tuple[float, float, float]] = os.getloadavg
    limits: Callable[[], Limits] = read_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen.

    ``idle`` is of the time in which we slept, ``lags_s`` how much later than asked we woke up.
    ``throttled`` counts how often our group was stopped for having used its quota up.
    """

    load: float
    resolution_s: float
    idle: SystemUse
    lags_s: Sequence[float]
    noise: Noise
    throttled: int | None


def watch(seconds: float, instruments: Instruments | None = None) -> Watched:
    """Look for about so many seconds, on one CPU's worth of work at most.

    The work is calibrated first. A machine that is slower later than it was then gets fewer
    pairs of blocks, but never fewer than six.
    """
    tools = instruments or Instruments()
    load, limits = tools.load()[0], tools.limits()
    resolution_s = _resolution_s(tools)
    before = tools.system()
    lags_s = _nap(seconds * _IDLE_SHARE, tools)
    idle = spent(before, tools.system())
    noise = _work(seconds * (1 - _IDLE_SHARE), tools)
    after = tools.limits()
    return Watched(
        load=load,
        resolution_s=resolution_s,
        idle=idle,
        lags_s=lags_s,
        noise=noise,
        throttled=None
        if limits.throttled is None or after.throttled is None
        else after.throttled - limits.throttled,
    )


def calibrate(tools: Instruments) -> int:
    """Return how many rounds of work take ``BLOCK_S`` seconds: the fastest of a few tries."""
    rounds = 1_000
    while _time_s(rounds, tools) < BLOCK_S / 4:
        rounds *= 2
    fastest_s = min(_time_s(rounds, tools) for _ in range(5))
    return max(1, round(rounds * BLOCK_S / fastest_s))


def _nap(seconds: float, tools: Instruments) -> list[float]:
    """Sleep in short naps, and return by how much each was too long."""
    lags_s: list[float] = []
    end_ns = tools.clock_ns() + seconds * _NS_PER_S
    while not lags_s or tools.clock_ns() < end_ns:
        began_ns = tools.clock_ns()
        tools.sleep(_NAP_S)
        lags_s.append((tools.clock_ns() - began_ns) / _NS_PER_S - _NAP_S)
    return lags_s


def _work(seconds: float, tools: Instruments) -> Noise:
    rounds = calibrate(tools)
    pairs = min(_MOST_PAIRS, max(LEAST_PAIRS, round(seconds / (2 * BLOCK_S))))
    end_ns = tools.clock_ns() + seconds * _NS_PER_S
    times_s: dict[str, list[float]] = {"A": [], "B": []}
    for block in interleave(tuple(times_s), observations=pairs, seed="doctor"):
        enough = block.number >= 2 * LEAST_PAIRS and block.number % 2 == 0
        if enough and tools.clock_ns() >= end_ns:
            break
        times_s[block.variant].append(_time_s(rounds, tools))
    return noise_of(times_s["A"], times_s["B"])


def _time_s(rounds: int, tools: Instruments) -> float:
    began_ns = tools.clock_ns()
    tools.spin(rounds)
    return (tools.clock_ns() - began_ns) / _NS_PER_S


def _resolution_s(tools: Instruments) -> float:
    """Return the smallest step that the clock was seen to make, asking it included."""
    ticks = [tools.clock_ns() for _ in range(_TICKS)]
    steps = [later - earlier for earlier, later in pairwise(ticks)]
    rising = [step for step in steps if step > 0]
    # A clock that stood still all the while is at least too coarse for anything here.
    return min(rising) / _NS_PER_S if rising else _NAP_S
