"""The folder of a race: ``race.json``, and what is made of it alone."""

from datetime import datetime
from pathlib import Path

from rich.console import Console

from benchmarks.coherence.race.recording import Race, RecordingUnreadable, from_json, to_json
from benchmarks.coherence.race.view import page
from benchmarks.report.figure import Figure
from benchmarks.report.markdown import to_markdown
from benchmarks.report.terminal import print_page
from benchmarks.runner.job import FINE
from benchmarks.storage.run_folder import Run, new_folder
from benchmarks.storage.usage import UsageError

KIND = "race"
DATA, REPORT = "race.json", "race.md"


def create(out: Path, now: datetime) -> Path:
    """Make the folder of a new race; a race is no comparison, so ``latest`` stays where it is."""
    path = new_folder(out, KIND, now)
    path.mkdir(parents=True)
    return path


def publish(path: Path, race: Race) -> None:
    """Write the data, a picture of each recording and the report; equal races give equal bytes."""
    # Drawing is slow to import, and no other command draws.
    from benchmarks.coherence.race.figure import make  # noqa: PLC0415

    run, figures = Run(path), [make(recording) for recording in race.recordings]
    run.write(path / DATA, to_json(race))
    for figure in figures:
        run.write(path / f"{figure.name}.svg", figure.svg)
    run.write(path / REPORT, "\n".join([to_markdown(page(race)), *map(_shown, figures)]))


def read(path: Path) -> Race:
    """Return the race of a folder; raises ``UsageError`` when it does not hold one."""
    try:
        return from_json((path / DATA).read_text(encoding="utf-8"))
    except (OSError, RecordingUnreadable) as error:
        raise UsageError(f"{path} is not the folder of a race: {error}") from error


def report_race(path: Path, *, console: Console | None = None) -> int:
    """Draw and print a stored race again: same data, same bytes.

    Returns 0. Raises ``UsageError`` when the folder does not hold one.
    """
    race = read(path)
    publish(path, race)
    print_page(page(race), console or Console())
    return FINE


def _shown(figure: Figure) -> str:
    return f"## {figure.title}\n\n![{figure.alt}]({figure.name}.svg)\n\n*{figure.caption}*\n"
