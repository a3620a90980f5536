"""``fivefold doctor``: look at everything a measurement depends on, and say what is wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.doctor.findings import Finding, Group
from benchmarks.doctor.machine import look_at_machine, usable_cpus
from benchmarks.doctor.packages import look_at_packages, look_at_python
from benchmarks.doctor.quiet import conclusion, judge_quiet
from benchmarks.doctor.servers import Way, look_at_server, stands_in, ways
from benchmarks.doctor.view import doctor_json, doctor_page
from benchmarks.doctor.watch import Instruments, Watched, watch
from benchmarks.export.terminal import print_page
from benchmarks.job import BROKEN, FINE, INCONCLUSIVE, say
from benchmarks.stack.signals import terminate_as_interrupt
from benchmarks.usage import DEFAULT_OUT, UsageError

SECONDS = 5.0
_MOST_SECONDS = 60.0
_LEAST_SECONDS = 0.5


def doctor(
    *,
    environ: Mapping[str, str],
    seconds: float = SECONDS,
    start: bool = True,
    as_json: bool = False,
    out: Path = DEFAULT_OUT,
    console: Console | None = None,
    to_servers: Sequence[Way] | None = None,
    instruments: Instruments | None = None,
) -> int:
    """Look, print what was found line by line, and say at the end what can be measured.

    With ``start`` the servers that a run would start are started and ended again. The look at the
    machine takes about ``seconds``; 0 leaves it out. Returns 0, also with warnings, 3 when nothing
    can be measured here now, 4 when something that is needed is missing or broken or when it was
    interrupted. Raises ``UsageError`` for ``seconds`` other than 0 and 0.5 to 60.
    """
    if seconds and not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        raise UsageError(
            f"--seconds is {seconds:g}; it takes 0 or {_LEAST_SECONDS:g} to {_MOST_SECONDS:g}"
        )
    console = console or Console()
    # What is printed beside JSON would not be JSON.
    stages = console if not as_json else Console(quiet=True)
    try:
        with terminate_as_interrupt():
            with stages.status("Asking the servers"):
                servers = _servers(to_servers or ways(), environ, start=start)
            with stages.status("Looking at the packages and the machine"):
                groups = [*_fixed(servers, out)]
            with stages.status(f"Looking for {seconds:g} s at how quiet it is"):
                watched = watch(seconds, instruments) if seconds else None
    except KeyboardInterrupt:
        say(console, "Stopped before the end; nothing was left running.", style="red")
        return BROKEN
    groups.append(
        Group(heading="Can it measure?", findings=_measuring(watched, servers), code=INCONCLUSIVE)
    )
    return _print(groups, watched, console, stand_in=stands_in(servers), as_json=as_json)


def _servers(
    to_servers: Sequence[Way], environ: Mapping[str, str], *, start: bool
) -> list[Finding]:
    # A child cut off while it was being started may still write there for a moment.
    with TemporaryDirectory(prefix="fivefold-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) if start else None
        return [line for way in to_servers for line in look_at_server(way, environ, place)]


def _fixed(servers: Sequence[Finding], out: Path) -> list[Group]:
    packages = [look_at_python(), *look_at_packages()]
    return [
        Group(heading="Servers", findings=servers, code=BROKEN),
        Group(heading="Packages", findings=packages, code=BROKEN),
        Group(heading="Machine", findings=look_at_machine(out), code=BROKEN),
    ]


def _measuring(watched: Watched | None, servers: Sequence[Finding]) -> list[Finding]:
    found = [] if watched is None else judge_quiet(watched, cpus=usable_cpus())
    if stands_in(servers):
        advice = next(each.advice for each in servers if stands_in([each]))
        seen = "fakeredis would answer in place of Redis, and its times mean nothing"
        found.append(Finding(name="latency", status="FAIL", seen=seen, advice=advice))
    return found


def _print(
    groups: Sequence[Group],
    watched: Watched | None,
    console: Console,
    *,
    stand_in: bool,
    as_json: bool,
) -> int:
    codes = [group.code for group in groups if group.failed]
    code = max(codes, default=FINE)
    ending = _ending(watched, code, stand_in=stand_in)
    if as_json:
        text = doctor_json(groups, watched=watched, conclusion=ending, code=code)
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        return code
    shown = [group for group in groups if group.findings]
    print_page(doctor_page(shown), console)
    console.print()
    say(console, ending, style="red" if code else "")
    return code


def _ending(watched: Watched | None, code: int, *, stand_in: bool) -> str:
    if code == BROKEN:
        return "Something that is needed is missing or broken: see each FAIL above."
    if stand_in:
        return "No latency can be measured here: there is no Redis, only fakeredis."
    if watched is None:
        return "Whether this machine is quiet enough to measure was not looked at."
    if code == INCONCLUSIVE:
        return f"Too noisy to measure now: see each FAIL above. {conclusion(watched.noise)}"
    return conclusion(watched.noise)
