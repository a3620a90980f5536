"""What this machine has and allows: processors, memory, files, ports, room on disk."""

import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.doctor.findings import Finding, graded, ok
from benchmarks.doctor.limits import Limits, read_limits
from benchmarks.environment import cpu_model
from benchmarks.stack.errors import StackError
from benchmarks.stack.ports import require_free_port

PORTS = {8000: "the cached service", 8001: "the uncached service", 8089: "the page of Locust"}
_ROOT = Path("/")
_MB, _GB = 10**6, 10**9
# A quick run is 0.1 MB and SecantusDB's folder some tens, but mongod starts with journal files of
# 100 MB each.
_LEAST_DISK, _EASY_DISK = 500 * _MB, 2 * _GB
# Two services of up to 120 MB, a database (mongod's cache alone takes 256 MB), 64 MB of Redis, and
# the client.
_LEAST_MEMORY, _EASY_MEMORY = 700 * _MB, 1_500 * _MB
# The ladder's 64 connections and PyMongo's pool of 100 must fit into one process; the most
# connections that a ladder takes are 1000.
_LEAST_FILES, _EASY_FILES = 256, 1_024
_EASY_CPUS = 2


def look_at_machine(out: Path, *, root: Path = _ROOT) -> list[Finding]:
    """Look at everything that does not change while we look; nothing is left behind."""
    limits = read_limits(root=root)
    return [
        look_at_processors(usable_cpus(), limits),
        look_at_governor(root),
        look_at_memory(limits, root=root),
        look_at_folder("reports folder", out),
        look_at_folder("temporary folder", Path(tempfile.gettempdir())),
        look_at_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        *look_at_ports(),
    ]


def usable_cpus() -> int:
    """Return how many CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def look_at_processors(cpus: int, limits: Limits) -> Finding:
    """Judge how many there are: client and service must not wait for each other."""
    total = os.cpu_count() or cpus
    seen = f"{cpu_model() or 'unknown processor'}: {total} CPUs, {cpus} of them for this process"
    if limits.cpus is not None and limits.cpus < cpus:
        return Finding(
            name="processors",
            status="warn",
            seen=f"{seen}; its group may use {limits.cpus:g} of them and is stopped for the rest "
            "of 100 ms when it has, which no percentile survives",
            advice="give the container whole CPUs (--cpuset-cpus) instead of a quota (--cpus)",
        )
    if cpus < _EASY_CPUS:
        return Finding(
            name="processors",
            status="warn",
            seen=f"{seen}; client, service and database take turns on it",
            advice="use a machine with two CPUs or more, four are better",
        )
    return ok("processors", seen)


def look_at_governor(root: Path = _ROOT) -> Finding:
    """Judge whether the processors keep their frequency."""
    name = "frequency"
    files = sorted((root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor"))
    found = sorted({text for text in map(_read, files) if text})
    if not found:
        return ok(name, "its scaling cannot be read, as usual on a virtual machine")
    seen = f"governor {', '.join(found)}"
    if found == ["performance"]:
        return ok(name, seen)
    return Finding(
        name=name,
        status="warn",
        seen=f"{seen}: a processor that was idle starts slowly, and idle it is in the 50 ms of "
        "a slow database",
        advice="cpupower frequency-set --governor performance, as root",
    )


def look_at_memory(limits: Limits, *, root: Path = _ROOT) -> Finding:
    """Judge what is there and free for a whole stack."""
    name = "memory"
    free = _meminfo("MemAvailable", root)
    known = [amount for amount in (free, limits.memory_bytes) if amount is not None]
    if not known:
        return ok(name, "how much is free cannot be read on this system")
    seen = f"{_size(min(known))} for us"
    if limits.memory_bytes is not None:
        seen += f" (limit of our group {_size(limits.memory_bytes)})"
    return graded(
        name,
        -min(known),
        seen,
        warn=-_EASY_MEMORY,
        fail=-_LEAST_MEMORY,
        advice="two services, a database, Redis and the client need about 1 GB: end something "
        "or raise the limit",
    )


def look_at_folder(
    name: str, folder: Path, *, free_bytes: Callable[[Path], int] | None = None
) -> Finding:
    """Judge whether files can be written there, and how many; it need not exist yet."""
    folder = folder.absolute()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not nearest.is_dir():
        return Finding(
            name=name, status="FAIL", seen=f"{nearest.name} is a file", advice="name another folder"
        )
    try:
        with tempfile.TemporaryFile(dir=nearest) as file:
            file.write(b"can this be written?")
    except OSError as error:
        return Finding(
            name=name,
            status="FAIL",
            seen=f"cannot be written: {error.strerror}",
            advice="make it writable, or name another one with --out",
        )
    free = (free_bytes or _free_bytes)(nearest)
    return graded(
        name,
        -free,
        f"writable, {_size(free)} free",
        warn=-_EASY_DISK,
        fail=-_LEAST_DISK,
        advice="make room: the data of an embedded database and the raw samples go there",
    )


def look_at_open_files(limit: int) -> Finding:
    """Judge the soft limit of open files, connections among them."""
    name = "open files"
    if limit == resource.RLIM_INFINITY:
        return ok(name, "no limit")
    return graded(
        name,
        -limit,
        f"at most {limit} per process, connections among them",
        warn=-_EASY_FILES,
        fail=-_LEAST_FILES,
        advice=f"ulimit -n {_EASY_FILES}: a ladder takes up to 1000 connections",
    )


def look_at_ports(ports: Iterable[int] = tuple(PORTS)) -> list[Finding]:
    """Look whether the ports of ``serve`` and ``up`` are free; all others are chosen freely."""
    return [_port(port) for port in ports]


def _port(port: int) -> Finding:
    name, use = f"port {port}", PORTS.get(port, "a service")
    try:
        require_free_port(port)
    except StackError:
        advice = "end what listens there, or name another port to fivefold serve and up"
        return Finding(name=name, status="warn", seen=f"is taken ({use})", advice=advice)
    return ok(name, f"is free ({use})")


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _meminfo(field: str, root: Path) -> int | None:
    for line in (_read(root / "proc" / "meminfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    return None


def _read(file: Path) -> str | None:
    try:
        return file.read_text().strip()
    except OSError:
        return None


def _size(amount: int) -> str:
    return f"{amount / _GB:.1f} GB" if amount >= _GB else f"{amount / _MB:.0f} MB"
