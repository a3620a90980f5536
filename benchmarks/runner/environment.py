"""Where and on what a run was made: what a reader needs to judge its figures.

Nothing here names the machine or its user; reports get published.
"""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.variants.registry import Variant

if TYPE_CHECKING:
    # A comparison of the user's own services needs no drivers.
    from benchmarks.stack.embedded import Stack
    from benchmarks.stack.server import Server

PACKAGES = (
    "fivefold",
    "fastapi",
    "hiredis",
    "orjson",
    "pydantic",
    "pymongo",
    "redis",
    "starlette",
    "uvicorn",
    "uvloop",
)
_GIT_TIMEOUT_S = 10.0


def collect(stack: "Stack | None", *, now: datetime) -> dict[str, Any]:
    """Return the metadata of a run as plain values; what cannot be found out is None.

    Without a ``stack`` the run measures the user's own services.
    """
    return {
        "date_utc": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": _machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": _versions(PACKAGES),
        "git": git_state(Path(__file__).parent),
        "database": stack and _server(stack.mongo) | {"real_mongodb": stack.mongo.is_real_mongodb},
        "redis": stack
        and stack.redis
        and _server(stack.redis) | {"measures_latency": stack.redis.measures_latency},
    }


def describe(variant: Variant) -> dict[str, Any]:
    """Return what a variant is, with the versions of the packages that only it needs."""
    return {
        "name": variant.name,
        "kind": variant.kind,
        "caches": variant.uses_redis,
        "description": variant.description,
        "packages": _versions(variant.packages),
    }


def git_state(folder: Path) -> Mapping[str, Any] | None:
    """Return the commit and whether the work tree differs from it, None outside a repository."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    changes = _git(folder, "--no-optional-locks", "status", "--porcelain")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str | None:
    """Return the processor's name."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return platform.processor() or None
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or None)


def _machine() -> dict[str, Any]:
    return {
        # A release's suffix names who built the kernel, which may name the machine's owner.
        "system": f"{platform.system()} {platform.release().partition('-')[0]} "
        f"{platform.machine()}",
        "cpu_model": cpu_model(),
        "cpu_count": os.cpu_count(),
        "cpu_affinity": len(os.sched_getaffinity(0)) if sys.platform == "linux" else None,
        "load_avg_1min": os.getloadavg()[0],
        "timer_resolution_ns": time.get_clock_info("perf_counter").resolution * 1e9,
    }


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _server(server: "Server") -> dict[str, Any]:
    return {
        "product": server.product,
        "version": server.version,
        "kind": server.kind,
        "label": server.label,
        "caveat": server.caveat,
    }


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(
            [git, "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=_GIT_TIMEOUT_S,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.strip()
