"""Schedules whose arrivals are known beforehand."""

from array import array

from benchmarks.measure.arrivals import NS_PER_S, Schedule


def constant(rate: float, *, seconds: float) -> Schedule:
    """Make arrivals with equal gaps of 1 / ``rate`` s, the first of them at once."""
    offsets_ns = array("q", (int(n * NS_PER_S / rate) for n in range(round(rate * seconds))))
    return Schedule(seconds=seconds, offsets_ns=offsets_ns)
