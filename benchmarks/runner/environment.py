"""The environment of a run: a reader needs it to judge the figures.

Nothing here names the machine or its user; reports get published.
"""

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.analysis.header import (
    GitState,
    MeasuredDatabase,
    MeasuredMachine,
    MeasuredRedis,
    MeasuredVariant,
    RunEnvironment,
)
from benchmarks.variants.registry import Variant, installed_version

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


def collect(stack: "Stack | None", *, now: datetime) -> RunEnvironment:
    """Return the metadata of a run; what cannot be found out is None.

    Without a ``stack`` the run measures the user's own services.
    """
    redis = stack.redis if stack else None
    return RunEnvironment(
        date_utc=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        machine=_machine(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        packages=_versions(PACKAGES),
        git=git_state(Path(__file__).parent),
        database=MeasuredDatabase(**_server(stack.mongo), real_mongodb=stack.mongo.is_real_mongodb)
        if stack
        else None,
        redis=MeasuredRedis(**_server(redis), measures_latency=redis.measures_latency)
        if redis
        else None,
    )


def describe(variant: Variant) -> MeasuredVariant:
    """Return what a variant is, with the versions of the packages that only it needs."""
    return MeasuredVariant(
        name=variant.name,
        kind=variant.kind,
        caches=variant.uses_redis,
        description=variant.description,
        packages=_versions(variant.packages),
    )


def git_state(folder: Path) -> GitState | None:
    """Return the commit and whether the work tree differs from it, None outside a repository.

    An installed package may lie within a repository that does not hold it: that is none of ours.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit or not _git(folder, "ls-files", "."):
        return None
    changes = _git(folder, "--no-optional-locks", "status", "--porcelain")
    return GitState(commit=commit, dirty=None if changes is None else bool(changes))


def _cpu_model() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or None
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or None)


def _machine() -> MeasuredMachine:
    return MeasuredMachine(
        # A release's suffix names who built the kernel, which may name the machine's owner.
        system=f"{platform.system()} {platform.release().partition('-')[0]} {platform.machine()}",
        cpu_model=_cpu_model(),
        cpu_count=os.cpu_count(),
        cpu_affinity=len(os.sched_getaffinity(0)) if sys.platform == "linux" else None,
        load_avg_1min=os.getloadavg()[0],
        timer_resolution_ns=time.get_clock_info("perf_counter").resolution * 1e9,
    )


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = ((name, installed_version(name)) for name in packages)
    return {name: version for name, version in found if version is not None}


def _server(server: "Server") -> dict[str, Any]:
    names = ("product", "version", "kind", "label", "caveat")
    return {name: getattr(server, name) for name in names}


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
