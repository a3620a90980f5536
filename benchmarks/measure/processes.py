"""What a process has used, as Linux tells it in /proc; elsewhere nothing is known."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
_UTIME, _STIME = 11, 12  # counted behind the name of the program, proc_pid_stat(5)
_RESIDENT = 1
_LEAST_S = 1.0
_Reading = tuple[float, float]


def cpu_seconds(pid: int, *, proc: Path = PROC) -> float | None:
    """Return the processor time of all its threads so far, in steps of 10 ms, or None."""
    text = _read(proc / str(pid) / "stat")
    if text is None:
        return None
    # The name stands in parentheses and may hold anything.
    fields = text.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / os.sysconf("SC_CLK_TCK")


def rss_bytes(pid: int, *, proc: Path = PROC) -> int | None:
    """Return the memory that it holds in RAM, or None."""
    text = _read(proc / str(pid) / "statm")
    return None if text is None else int(text.split()[_RESIDENT]) * os.sysconf("SC_PAGE_SIZE")


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


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
