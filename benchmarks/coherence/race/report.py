"""The report of a race and its folder, all made of the recordings alone."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.analysis.header import RunEnvironment
from benchmarks.coherence.race.findings import SCHEMA, Race, conclusion, events, states
from benchmarks.report.markdown import to_markdown
from benchmarks.report.page import Page, Section
from benchmarks.report.results import ResultsUnreadable, parsed
from benchmarks.storage.plain import DataUnreadable, from_plain, to_json
from benchmarks.storage.run_folder import Run, new_folder
from benchmarks.storage.usage import UsageError

KIND = "race"
DATA, REPORT = "race.json", "race.md"


def page(race: Race) -> Page:
    """Return the report of a race."""
    return Page(
        title="The stale set, recorded",
        headline=[_how(race.environment)],
        lead=conclusion(race),
        sections=[
            section
            for each in race.recordings
            for section in (
                Section(f"{each.variant}: what was said", table=events(each)),
                Section(f"{each.variant}: what lay where", table=states(each)),
            )
        ],
    )


def publish(out: Path, race: Race, now: datetime) -> Path:
    """Write a new race into a folder of its own; ``latest`` stays, for this is no comparison."""
    path = new_folder(out, KIND, now)
    Run(path).write_all(_files(path, race))
    return path


def _files(path: Path, race: Race) -> Mapping[Path, str]:
    """Return the data, a figure of each recording and the report; equal races give equal bytes."""
    # Drawing is slow to import, and a race is judged without it.
    from benchmarks.coherence.race.figure import make  # noqa: PLC0415

    figures = [make(recording) for recording in race.recordings]
    shown = [figure.markdown(f"{figure.name}.svg") for figure in figures]
    return {
        path / DATA: to_json(race),
        **{path / f"{figure.name}.svg": figure.svg for figure in figures},
        path / REPORT: "\n".join([to_markdown(page(race)), *shown]),
    }


def read(path: Path) -> Race:
    """Return the race of a folder; raises ``UsageError`` when it does not hold one."""
    try:
        return from_plain(Race, parsed((path / DATA).read_text(encoding="utf-8"), [SCHEMA]))
    except (OSError, ResultsUnreadable, DataUnreadable) as error:
        raise UsageError(
            f"{path} does not hold a race of this version: {error}; fivefold race plays a new one"
        ) from error


def rendered_race(path: Path) -> tuple[Page, Mapping[Path, str]]:
    """Return the page and the files of a stored race; raises ``UsageError`` without one."""
    race = read(path)
    return page(race), _files(path, race)


def _how(environment: RunEnvironment) -> str:
    servers = " and ".join(each.label for each in (environment.database, environment.redis) if each)
    return (
        f"Two processes of each variant on {servers}, {environment.date_utc}, "
        f"{environment.python}. Each reaches Redis through a proxy of its own; that of process "
        "A keeps what A stores until process B has acknowledged a write. `fivefold race` plays it "
        "again."
    )
