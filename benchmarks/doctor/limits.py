"""What a container or a service manager lets this process have, as cgroups tell it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/")
# Where version 1 writes "no limit", it writes the largest number of whole pages.
_NO_LIMIT = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The tightest limits of all groups that this process is in; None where there is none.

    ``cpus`` is processor time per second. ``throttled`` counts the periods in which a group had
    used its time up and was stopped, None where no group has a limit.
    """

    cpus: float | None
    memory_bytes: int | None
    throttled: int | None


def read_limits(*, root: Path = _ROOT) -> Limits:
    """Read the limits of version 2 and 1; ``root`` stands for the root of the file system."""
    cpus, throttled = [], []
    memory = []
    for folder in _groups(root):
        quota = _quota(folder)
        if quota is not None:
            cpus.append(quota)
            throttled.append(_throttled(folder))
        memory += _memory(folder)
    return Limits(
        cpus=min(cpus, default=None),
        memory_bytes=min(memory, default=None),
        throttled=sum(throttled) if throttled else None,
    )


def _groups(root: Path) -> Iterator[Path]:
    """Yield the folder of every group around this process, the innermost first."""
    mounted = root / "sys" / "fs" / "cgroup"
    lines = (_text(root / "proc" / "self" / "cgroup") or "").splitlines()
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _ancestors(mounted, path)
        elif {"cpu", "memory"} & set(controllers.split(",")):
            yield from _ancestors(mounted / controllers, path)


def _ancestors(top: Path, path: str) -> Iterable[Path]:
    # In a container the path may be the host's, which is not there; the mount then is our group.
    inner = Path(path.lstrip("/"))
    return [top / each for each in (inner, *inner.parents) if ".." not in each.parts]


def _quota(folder: Path) -> float | None:
    second = (_text(folder / "cpu.max") or "").split()
    if second:
        return None if second[0] == "max" else int(second[0]) / int(second[1])
    quota = _number(folder / "cpu.cfs_quota_us")
    period = _number(folder / "cpu.cfs_period_us")
    return quota / period if quota and period and quota > 0 else None


def _memory(folder: Path) -> list[int]:
    limits = (
        _number(folder / "memory.max"),
        _number(folder / "memory.limit_in_bytes"),
    )
    return [limit for limit in limits if limit is not None and limit < _NO_LIMIT]


def _throttled(folder: Path) -> int:
    for line in (_text(folder / "cpu.stat") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == "nr_throttled":
            return int(value)
    return 0


def _number(file: Path) -> int | None:
    text = (_text(file) or "").strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _text(file: Path) -> str | None:
    try:
        return file.read_text()
    except OSError:
        return None
