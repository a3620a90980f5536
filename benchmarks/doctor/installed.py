"""Which packages are there, which MongoDB and which Redis a run would use, and do they start."""

import platform
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from benchmarks.stack.embedded import (
    MongoProgram,
    RedisProgram,
    find_mongo,
    find_redis,
    start_mongo,
    start_redis,
)
from benchmarks.stack.errors import StackError
from benchmarks.stack.server import Server, external_mongo, external_redis
from benchmarks.storage.plain import added
from benchmarks.storage.usage import UsageError, sentence
from benchmarks.variants.registry import installed_version

Status = Literal["ok", "warn", "FAIL"]
_EXTRAS: Mapping[str, Status] = {
    **dict.fromkeys(("service", "compare", "bench"), "FAIL"),
    **dict.fromkeys(("embedded", "rivals"), "warn"),
}
"""The consequence of a missing package of an extra."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One line: what was looked at, what was seen and, where it is not ok, what to do."""

    name: str
    status: Status = "ok"
    seen: str
    advice: str = ""
    measures: bool = added(True)  # noqa: FBT003 - the default of a field
    """Whether times that are measured with it mean anything."""


@dataclass(frozen=True, slots=True)
class ServerSource:
    """The way that a run gets one of its servers; tests replace the fields."""

    name: str
    variable: str
    better: str
    """What to do where another product stands in for the server."""
    external: Callable[[str], Server]
    find: Callable[[], MongoProgram | RedisProgram]
    start: Callable[[Path], Server]


SOURCES = (
    ServerSource(
        "MongoDB",
        "MONGODB_URL",
        "for figures of MongoDB put mongod on PATH or set MONGODB_URL",
        external_mongo,
        find_mongo,
        start_mongo,
    ),
    ServerSource(
        "Redis",
        "REDIS_URL",
        "install redis-server or valkey-server, or set REDIS_URL: until then no comparison gives a "
        "verdict",
        external_redis,
        find_redis,
        start_redis,
    ),
)


def check_versions(
    requirements: Iterable[str] | None = None,
    *,
    version_of: Callable[[str], str | None] = installed_version,
) -> list[Installation]:
    """Judge Python's and every extra's packages by what the project's metadata require."""
    declared = requires("fivefold") if requirements is None else requirements
    needed = [Requirement(each) for each in declared or ()]
    python = Installation(
        name="Python", seen=f"{platform.python_implementation()} {platform.python_version()}"
    )
    return [python, *(_packages(extra, needed, version_of) for extra in _EXTRAS)]


def check_server(source: ServerSource, environ: Mapping[str, str], folder: Path) -> Installation:
    """Look at what a run would use.

    A named server is asked what it is, for two seconds at most. Where none is named, the one that a
    run would start is started, with its data in ``folder``, and ended again.
    """
    url = environ.get(source.variable)
    try:
        if url:
            server = source.external(url)
            seen = f"{server.label} at {server.address}, named by {source.variable}; it answers"
            return _judged(source, server, seen)
        program = source.find()
        began = time.monotonic()
        with _started(source, folder) as server:
            seen = (
                f"no {source.variable}: {server.product} {server.version} from {program.kind} "
                f"({program.path}); started, answered after {time.monotonic() - began:.1f} s, "
                "stopped"
            )
        return _judged(source, server, seen)
    except (StackError, UsageError) as error:
        return Installation(name=source.name, status="FAIL", seen=sentence(error))


@contextmanager
def _started(source: ServerSource, folder: Path) -> Iterator[Server]:
    with warnings.catch_warnings():
        # The finding says it, and what to do.
        warnings.simplefilter("ignore", RuntimeWarning)
        server = source.start(folder)
    try:
        yield server
    finally:
        server.discard()


def _judged(source: ServerSource, server: Server, seen: str) -> Installation:
    if server.caveat is None:
        return Installation(name=source.name, seen=seen)
    return Installation(
        name=source.name,
        status="warn",
        seen=f"{seen}. {server.caveat.removesuffix('.')}",
        advice=source.better,
        measures=server.measures_latency,
    )


def _packages(
    extra: str, needed: Iterable[Requirement], version_of: Callable[[str], str | None]
) -> Installation:
    found = {each: version_of(each.name) for each in needed if _asks(extra, each)}
    lacking = [
        f"{each.name}{each.specifier}"
        for each, version in found.items()
        if version is None or not each.specifier.contains(version, prereleases=True)
    ]
    name = f"extra {extra}"
    if not lacking:
        seen = ", ".join(f"{each.name} {version}" for each, version in found.items())
        return Installation(name=name, seen=seen)
    return Installation(
        name=name,
        status=_EXTRAS[extra],
        seen=f"lacks {', '.join(lacking)}",
        advice=f"pip install 'fivefold[{extra}]'",
    )


def _asks(extra: str, requirement: Requirement) -> bool:
    """Tell whether an extra adds a requirement here: a marker may leave a Python out."""
    return requirement.marker is not None and requirement.marker.evaluate({"extra": extra})
