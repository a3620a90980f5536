"""The use of the machine and its processes: read before and after, then subtract.

Of the machine Linux tells in /proc; elsewhere those figures are None. Nothing here names it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.storage.records import SystemUse

PROC = Path("/proc")
_LEAST_S = 1.0
_Reading = tuple[float, float]


def cpu_seconds(pid: int) -> float | None:
    """Return the processor time of all its threads so far, in steps of 10 ms, None once it ended.

    What asks about processes needs psutil, which comparing services of others does not bring.
    """
    import psutil  # noqa: PLC0415 - as above

    try:
        used = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return float(used.user + used.system)


def family_seconds(pid: int) -> float | None:
    """Return the processor time of the process and of all that it started, or None."""
    import psutil  # noqa: PLC0415 - as above

    try:
        started = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return None
    used_s = [cpu_seconds(each) for each in (pid, *(each.pid for each in started))]
    return None if None in used_s else sum(each or 0.0 for each in used_s)


def cores(before_s: float | None, after_s: float | None, seconds: float) -> float | None:
    """Return the processor time per second between two readings, None where one is missing."""
    return None if before_s is None or after_s is None else (after_s - before_s) / seconds


def rss_bytes(pid: int) -> int | None:
    """Return the memory that it holds in RAM, None once it ended."""
    import psutil  # noqa: PLC0415 - as above

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return None


@dataclass(slots=True)
class CpuReadings:
    """The first and the last reading of each process: what has ended can be asked no more."""

    clock_s: Callable[[], float] = time.monotonic
    cpu_s: Callable[[int], float | None] = cpu_seconds
    _first: dict[str, _Reading] = field(default_factory=dict)
    _last: dict[str, _Reading] = field(default_factory=dict)

    def read(self, processes: Mapping[str, int]) -> None:
        """Note what each process, a number by its name, has used so far."""
        for name, pid in processes.items():
            used_s = self.cpu_s(pid)
            if used_s is not None:
                reading = (self.clock_s(), used_s)
                self._first.setdefault(name, reading)
                self._last[name] = reading

    def cores(self) -> dict[str, float | None]:
        """Return the processor time per second between the readings, None for too few."""
        return {name: _per_second(first, self._last[name]) for name, first in self._first.items()}


def _per_second(first: _Reading, last: _Reading) -> float | None:
    seconds = last[0] - first[0]
    # The kernel counts in steps of 10 ms, which of a moment would be most.
    return (last[1] - first[1]) / seconds if seconds >= _LEAST_S else None


# The columns of the first line of /proc/stat, proc_stat(5). A guest's time is in the user's.
_IDLE, _IOWAIT, _STEAL, _COUNTED = 3, 4, 7, 8
_US_PER_S = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReading:
    """Counters that only rise, read at one moment of the monotonic clock.

    Ticks are of all CPUs together: ``cpu_ticks`` of whatever they did, ``idle_ticks`` of nothing
    and of waiting for disks, ``steal_ticks`` of another virtual machine that had the CPU.
    ``pressure_us`` is how long some task was ready to run and had no CPU (PSI, "some").
    ``process_cpu_s`` is of this process alone, with all its threads.
    """

    at_s: float
    cpu_ticks: int | None
    idle_ticks: int | None
    steal_ticks: int | None
    pressure_us: int | None
    process_cpu_s: float


def read_system(*, proc: Path = PROC) -> SystemReading:
    """Read all counters now; takes some tens of microseconds."""
    ticks = _cpu_ticks(proc / "stat")
    return SystemReading(
        at_s=time.monotonic(),
        cpu_ticks=None if ticks is None else sum(ticks),
        idle_ticks=None if ticks is None else ticks[_IDLE] + ticks[_IOWAIT],
        steal_ticks=None if ticks is None else ticks[_STEAL],
        pressure_us=_pressure_us(proc / "pressure" / "cpu"),
        process_cpu_s=time.process_time(),
    )


def spent(before: SystemReading, after: SystemReading) -> SystemUse:
    """Return what was used between two readings of the same process.

    A share of no time at all is None.
    """
    seconds = after.at_s - before.at_s
    ticks = _rise(before.cpu_ticks, after.cpu_ticks)
    idle = _rise(before.idle_ticks, after.idle_ticks)
    steal = _rise(before.steal_ticks, after.steal_ticks)
    unused = None if idle is None or steal is None else idle + steal
    used_s = after.process_cpu_s - before.process_cpu_s
    waited_us = _rise(before.pressure_us, after.pressure_us)
    return SystemUse(
        seconds=seconds,
        busy_share=None if (share := _share(unused, ticks)) is None else 1.0 - share,
        steal_share=_share(steal, ticks),
        pressure_share=_share(waited_us, seconds * _US_PER_S),
        client_cores=used_s / seconds if seconds else None,
    )


def _cpu_ticks(stat: Path) -> tuple[int, ...] | None:
    try:
        words = stat.read_text().partition("\n")[0].split()
    except OSError:
        return None
    return tuple(int(word) for word in words[1 : 1 + _COUNTED])


def _pressure_us(pressure: Path) -> int | None:
    # "some avg10=0.00 avg60=0.00 avg300=0.00 total=0"; a kernel built without PSI has no file,
    # one booted without it refuses the reading.
    try:
        some = pressure.read_text().partition("\n")[0]
        return int(some.rpartition("total=")[2])
    except (OSError, ValueError):
        return None


def _rise(before: int | None, after: int | None) -> int | None:
    if before is None or after is None:
        return None
    # Linux lets idle time run backwards a little when a CPU goes offline, proc_stat(5).
    return max(0, after - before)


def _share(part: float | None, whole: float | None) -> float | None:
    if part is None or not whole:
        return None
    # The two are read one after the other, so a part may come out larger by a rounding.
    return min(1.0, part / whole)
