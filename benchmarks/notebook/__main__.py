"""``python -m benchmarks.notebook``: what ``make notebooks`` runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.notebook.book import INDEX, Chapter, Done, chapters, index, run, write_pairs
from benchmarks.notebook.measuring import LIVE, live
from benchmarks.notebook.pair import NotebookUnreadable
from benchmarks.notebook.stored import ROOT
from benchmarks.usage import UsageError

_FAILED, _USAGE = 1, 2


def notebooks(
    folder: Annotated[Path, typer.Argument(help="where the scripts are")] = ROOT / "notebooks",
    *,
    out: Annotated[Path, typer.Option(help="where the pages go")] = ROOT / "reports/notebooks",
    measure: Annotated[
        bool, typer.Option("--live", help="measure on embedded servers; a minute or more each")
    ] = False,
) -> None:
    """Write each script's pair, run it, render it; exit with 1 when a cell failed."""
    console = Console(soft_wrap=True, highlight=False)
    try:
        found, measuring = chapters(folder), measure or live()
    except (NotebookUnreadable, UsageError) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(_USAGE) from error
    if not found:
        console.print(f"{folder} holds no script such as 01-the-claim.py", style="red")
        raise typer.Exit(_USAGE)
    for file in write_pairs(found):
        console.print(f"wrote {file}")
    done = _publish(found, out, measuring=measuring, console=console)
    console.print(f"\nThe pages are in {out / INDEX}")
    if any(each.failure for each in done):
        raise typer.Exit(_FAILED)


def _publish(
    found: Sequence[Chapter], out: Path, *, measuring: bool, console: Console
) -> list[Done]:
    out.mkdir(parents=True, exist_ok=True)
    done = []
    for chapter in found:
        with console.status(f"running {chapter.script.name}"):
            each = run(chapter, found, live=measuring, environment={LIVE: f"{measuring:d}"})
        (out / chapter.page).write_text(each.page, encoding="utf-8")
        console.print(_line(each), markup=False)
        done.append(each)
    (out / INDEX).write_text(index(done), encoding="utf-8")
    return done


def _line(done: Done) -> str:
    name = done.chapter.script.name
    if done.failure is None:
        return f"{name}: ran"
    return f"{name}: FAILED in cell {done.failure.cell}: {done.failure.said}"


if __name__ == "__main__":
    typer.run(notebooks)
