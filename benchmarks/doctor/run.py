"""``fivefold doctor``: look at servers, versions and the machine, and say what is wrong."""

import platform
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import requires
from typing import Literal

from packaging.requirements import Requirement
from rich.console import Console

from benchmarks.analysis.checks.machine import STEAL_SHARE
from benchmarks.measure.system import spent
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, say
from benchmarks.runner.services import Dependencies
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.stack.server import Server
from benchmarks.storage.usage import UsageError, sentence, within
from benchmarks.variants.registry import installed_version

Status = Literal["ok", "warn", "FAIL"]
_SECONDS = {"seconds": (0.5, 60.0)}
_EXTRAS: Mapping[str, Status] = {
    **dict.fromkeys(("service", "compare", "bench"), "FAIL"),
    **dict.fromkeys(("embedded", "rivals"), "warn"),
}
"""The consequence of a missing package of an extra."""
_BETTER: Mapping[str, str] = {
    "mongo": "for figures of MongoDB put mongod on PATH or set MONGODB_URL",
    "redis": "install redis-server or valkey-server, or set REDIS_URL: until then no comparison "
    "gives a verdict",
}
# A core that others use is one that client and service do not have.
_BUSY = 0.10
_FREE = "end other programs, builds and tests first, or wait until they are done"
_ELSEWHERE = "another machine shares the processor: use a dedicated one, or measure at night"


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """What was looked at, what was seen and, where it is not ok, what to do."""

    name: str
    seen: str
    status: Status = "ok"
    advice: str = ""


def doctor(
    *,
    environ: Mapping[str, str],
    seconds: float,
    json: bool = False,
    dependencies: Dependencies | None = None,
) -> int:
    """Look, print what was found line by line, and say at the end whether this can measure.

    The machine is watched for ``seconds``; 0 leaves it out. With ``json`` standard output gets each
    line by its heading. Returns 0, also with warnings, 3 when no latency can be measured here, 4
    when something that is needed is missing or broken or when it was interrupted. Raises
    ``UsageError`` for ``seconds`` other than 0 and 0.5 to 60.
    """
    if seconds:
        within("seconds", seconds, _SECONDS)
    dependencies = dependencies or Dependencies(console=Console(stderr=json))
    console = dependencies.console
    try:
        with terminate_as_interrupt():
            with console.status("Asking the servers"):
                servers, measures = _servers(environ, dependencies)
            with console.status(f"Looking for {seconds:g} s at how quiet it is"):
                quiet = _quiet(seconds, dependencies) if seconds else []
    except KeyboardInterrupt:
        say(console, "Stopped before the end; nothing was left running.", style="red")
        return BROKEN
    versions = check_versions(requires("fivefold") or ())
    shown = {"Servers": servers, "Versions": versions, "Is it quiet?": quiet}
    sections = [_section(heading, found) for heading, found in shown.items() if found]
    print_page(Page("fivefold doctor", [], sections), console)
    code, ending = _ending([*servers, *versions], measures=measures)
    say(console, f"\n{ending}", style="red" if code else "")
    if json:
        print_json(shown)
    return code


def _ending(needed: Sequence[DoctorLine], *, measures: bool) -> tuple[int, str]:
    if any(each.status == "FAIL" for each in needed):
        return BROKEN, "Something that is needed is missing or broken: see each FAIL above."
    if measures:
        return FINE, "Nothing was found that keeps this machine from measuring."
    return INCONCLUSIVE, "No latency can be measured here, only fakeredis is there."


def _servers(
    environ: Mapping[str, str], dependencies: Dependencies
) -> tuple[list[DoctorLine], bool]:
    """Open what a run would use, and tell whether its times mean anything."""
    try:
        # The line says what a warning would, and what to do.
        with (
            warnings.catch_warnings(action="ignore"),
            dependencies.open_stack(environ=environ, redis=True) as stack,
        ):
            found = [each for each in (stack.mongo, stack.redis) if each is not None]
    except (StackError, UsageError) as error:
        return [DoctorLine("servers", sentence(error), status="FAIL")], False
    return [_judged(each) for each in found], all(each.measures_latency for each in found)


def _judged(server: Server) -> DoctorLine:
    seen = f"{server.label} at {server.address} answers"
    if server.caveat is None:
        return DoctorLine(server.role, seen)
    seen = f"{seen}. {server.caveat.removesuffix('.')}"
    return DoctorLine(server.role, seen, status="warn", advice=_BETTER[server.role])


def check_versions(
    requirements: Iterable[str],
    *,
    version_of: Callable[[str], str | None] = installed_version,
) -> list[DoctorLine]:
    """Judge Python's and every extra's packages by what the project's metadata require."""
    needed = [Requirement(each) for each in requirements]
    python = DoctorLine("Python", f"{platform.python_implementation()} {platform.python_version()}")
    return [python, *(_packages(extra, needed, version_of) for extra in _EXTRAS)]


def _packages(
    extra: str, needed: Iterable[Requirement], version_of: Callable[[str], str | None]
) -> DoctorLine:
    found = {each: version_of(each.name) for each in needed if _asks(extra, each)}
    lacking = [
        f"{each.name}{each.specifier}"
        for each, version in found.items()
        if version is None or not each.specifier.contains(version, prereleases=True)
    ]
    name = f"extra {extra}"
    if not lacking:
        return DoctorLine(name, ", ".join(f"{each.name} {found[each]}" for each in found))
    return DoctorLine(
        name,
        f"lacks {', '.join(lacking)}",
        status=_EXTRAS[extra],
        advice=f"pip install 'fivefold[{extra}]'",
    )


def _asks(extra: str, requirement: Requirement) -> bool:
    """Tell whether an extra adds a requirement here: a marker may leave a Python out."""
    return requirement.marker is not None and requirement.marker.evaluate({"extra": extra})


def _section(heading: str, found: Sequence[DoctorLine]) -> Section:
    rows = [
        [
            each.name,
            judged(each.status),
            f"{each.seen}. -> {each.advice}" if each.advice else each.seen,
        ]
        for each in found
    ]
    return Section(heading, table=Table(("", "", "seen, and what to do"), rows))


def _quiet(seconds: float, dependencies: Dependencies) -> list[DoctorLine]:
    """Watch the machine while this does nothing."""
    before = dependencies.read_system()
    dependencies.sleep(seconds)
    use = spent(before, dependencies.read_system())
    return [
        _share("used by others", use.busy_share, _BUSY, _FREE),
        _share("stolen", use.steal_share, STEAL_SHARE, _ELSEWHERE),
    ]


def _share(name: str, share: float | None, most: float, advice: str) -> DoctorLine:
    if share is None:
        return DoctorLine(name, "cannot be read on this system")
    seen = f"{share:.1%} while we slept"
    return DoctorLine(name, seen, "warn", advice) if share > most else DoctorLine(name, seen)
