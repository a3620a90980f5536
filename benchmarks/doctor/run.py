"""``fivefold doctor``: look at servers, versions and the machine, and say what is wrong."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from benchmarks.doctor.installed import (
    SOURCES,
    Installation,
    ServerSource,
    check_server,
    check_versions,
)
from benchmarks.doctor.options import SECONDS, check_seconds
from benchmarks.doctor.quiet import Instruments, Watched, conclusion, judge_quiet, watch
from benchmarks.report.page import Page, Section, Table, judged
from benchmarks.report.terminal import print_json, print_page
from benchmarks.runner.ending import BROKEN, FINE, INCONCLUSIVE, say
from benchmarks.stack.process import terminate_as_interrupt
from benchmarks.stack.scratch import scratch_folder


def doctor(
    *,
    environ: Mapping[str, str],
    seconds: float = SECONDS,
    json: bool = False,
    console: Console | None = None,
    sources: Sequence[ServerSource] = SOURCES,
    instruments: Instruments | None = None,
) -> int:
    """Look, print what was found line by line, and say at the end what can be measured.

    The look at the machine takes about ``seconds``; 0 leaves it out. With ``json`` standard output
    gets each line by its heading. Returns 0, also with warnings, 3 when nothing can be measured
    here now, 4 when something that is needed is missing or broken or when it was interrupted.
    Raises ``UsageError`` for ``seconds`` other than 0 and 0.5 to 60.
    """
    check_seconds(seconds)
    console = console or Console(stderr=json)
    try:
        with terminate_as_interrupt():
            with console.status("Asking the servers"), scratch_folder() as folder:
                servers = [check_server(source, environ, folder) for source in sources]
            with console.status(f"Looking for {seconds:g} s at how quiet it is"):
                watched = watch(seconds, instruments) if seconds else None
    except KeyboardInterrupt:
        say(console, "Stopped before the end; nothing was left running.", style="red")
        return BROKEN
    versions = check_versions()
    quiet = [] if watched is None else judge_quiet(watched)
    shown = {"Servers": servers, "Versions": versions, "Is it quiet?": quiet}
    sections = [_section(heading, found) for heading, found in shown.items() if found]
    print_page(Page("fivefold doctor", [], sections), console)
    code, ending = _concluded(servers, versions, quiet, watched)
    console.print()
    say(console, ending, style="red" if code else "")
    if json:
        print_json(shown)
    return code


def _section(heading: str, found: Sequence[Installation]) -> Section:
    rows = [
        [
            each.name,
            judged(each.status),
            f"{each.seen}. -> {each.advice}" if each.advice else each.seen,
        ]
        for each in found
    ]
    return Section(heading, table=Table(("", "", "seen, and what to do"), rows))


def _concluded(
    servers: Sequence[Installation],
    versions: Sequence[Installation],
    quiet: Sequence[Installation],
    watched: Watched | None,
) -> tuple[int, str]:
    if any(each.status == "FAIL" for each in (*servers, *versions)):
        return BROKEN, "Something that is needed is missing or broken: see each FAIL above."
    if not all(each.measures for each in servers):
        return INCONCLUSIVE, "No latency can be measured here: there is no Redis, only fakeredis."
    if watched is None:
        return FINE, "Whether this machine is quiet enough to measure was not looked at."
    if any(each.status == "FAIL" for each in quiet):
        noisy = "Too noisy to measure now: see each FAIL above."
        return INCONCLUSIVE, f"{noisy} {conclusion(watched)}"
    return FINE, conclusion(watched)
