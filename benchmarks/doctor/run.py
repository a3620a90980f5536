"""``fivefold doctor``: look at servers, versions and the machine, and say what is wrong."""

import platform
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import requires

from packaging.requirements import Requirement
from rich.console import Console

from benchmarks.doctor.quiet import (
    DoctorLine,
    Instruments,
    Status,
    Watched,
    conclusion,
    judge_quiet,
    watch,
)
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, say
from benchmarks.stack.embedded import Stack, open_stack
from benchmarks.stack.errors import StackError
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.stack.server import Server
from benchmarks.storage.usage import UsageError, sentence, within
from benchmarks.variants.registry import installed_version

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


def doctor(
    *,
    environ: Mapping[str, str],
    seconds: float,
    json: bool = False,
    console: Console | None = None,
    opened: Callable[..., AbstractContextManager[Stack]] = open_stack,
    instruments: Instruments | None = None,
) -> int:
    """Look, print what was found line by line, and say at the end what can be measured.

    The look at the machine takes about ``seconds``; 0 leaves it out. With ``json`` standard output
    gets each line by its heading. Returns 0, also with warnings, 3 when nothing can be measured
    here now, 4 when something that is needed is missing or broken or when it was interrupted.
    Raises ``UsageError`` for ``seconds`` other than 0 and 0.5 to 60.
    """
    if seconds:
        within("seconds", seconds, _SECONDS)
    console = console or Console(stderr=json)
    try:
        with terminate_as_interrupt():
            with console.status("Asking the servers"):
                servers, measures = _servers(environ, opened)
            with console.status(f"Looking for {seconds:g} s at how quiet it is"):
                watched = watch(seconds, instruments) if seconds else None
    except KeyboardInterrupt:
        say(console, "Stopped before the end; nothing was left running.", style="red")
        return BROKEN
    versions = check_versions(requires("fivefold") or ())
    quiet = [] if watched is None else judge_quiet(watched)
    shown = {"Servers": servers, "Versions": versions, "Is it quiet?": quiet}
    sections = [_section(heading, found) for heading, found in shown.items() if found]
    print_page(Page("fivefold doctor", [], sections), console)
    if any(each.status == "FAIL" for each in (*servers, *versions)):
        code, ending = BROKEN, "Something that is needed is missing or broken: see each FAIL above."
    elif not measures:
        code = INCONCLUSIVE
        ending = "No latency can be measured here: there is no Redis, only fakeredis."
    else:
        code, ending = _concluded(quiet, watched)
    console.print()
    say(console, ending, style="red" if code else "")
    if json:
        print_json(shown)
    return code


def _servers(
    environ: Mapping[str, str], opened: Callable[..., AbstractContextManager[Stack]]
) -> tuple[list[DoctorLine], bool]:
    """Open what a run would use, and tell whether its times mean anything."""
    try:
        # The finding says what a warning would, and what to do.
        with warnings.catch_warnings(action="ignore"), opened(environ=environ) as stack:
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


def _concluded(quiet: Sequence[DoctorLine], watched: Watched | None) -> tuple[int, str]:
    if watched is None:
        return FINE, "Whether this machine is quiet enough to measure was not looked at."
    if any(each.status == "FAIL" for each in quiet):
        noisy = "Too noisy to measure now: see each FAIL above."
        return INCONCLUSIVE, f"{noisy} {conclusion(watched)}"
    return FINE, conclusion(watched)
