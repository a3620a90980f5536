"""What a process has used, as Linux tells it in /proc; elsewhere nothing is known."""

import os
from pathlib import Path

PROC = Path("/proc")
_UTIME, _STIME = 11, 12  # counted behind the name of the program, proc_pid_stat(5)
_RESIDENT = 1


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


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
