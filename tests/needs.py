"""Programs that tests run: where one is not installed, the tests that need it are skipped."""

import shutil
from collections.abc import Callable, Mapping

import pytest

from benchmarks.stack.embedded import find_redis

PACKAGES: Mapping[str, str] = {
    "chromium": "chromium",
    "curl": "curl",
    "docker-compose": "docker-compose",
    "git": "git",
    "haproxy": "haproxy",
    "nginx": "nginx-light",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "redis-benchmark": "redis-tools",
    "redis-server": "redis-server",
}
"""Each program with the package of Debian that has it."""


def program(name: str) -> str:
    """Return where a program is; skips the test if it is not installed."""
    found = _OTHERWISE[name]() if name in _OTHERWISE else shutil.which(name)
    if found is None:
        pytest.skip(missing(name))
    return found


def missing(name: str) -> str:
    """Return the reason of a skip for want of a program."""
    return f"{name} is not installed: apt-get install {PACKAGES[name]}"


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _redis() -> str | None:
    found = find_redis()
    return None if found.kind == "fakeredis" else found.path


_OTHERWISE: Mapping[str, Callable[[], str | None]] = {
    "chromium": _chromium,
    "redis-server": _redis,
}
