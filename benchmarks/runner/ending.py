"""The end of a command: its exit codes and its last line."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from benchmarks.report.page import Page
from benchmarks.report.terminal import print_page
from benchmarks.storage.run_folder import Run

FINE, NOT_HELD, INCONCLUSIVE, BROKEN = 0, 1, 3, 4


def say_broken(text: str) -> None:
    """Say on standard error what broke: standard output is for what was found."""
    say(Console(stderr=True), text, style="red")


def say(console: Console, text: str, *, style: str = "") -> None:
    """Print a line; paths and addresses may hold brackets, and stay in one piece to be copied."""
    console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)


def rewrite(run: Run, page: Page, texts: Mapping[Path, str], console: Console) -> int:
    """Write the files of a stored run again and print its page.

    Returns 0, or 4 where the folder cannot be written, whose files stay as they are.
    """
    refused = ""
    try:
        run.write_all(texts)
    except OSError as error:
        refused = error.strerror or str(error)
    print_page(page, console)
    if not refused:
        return FINE
    names = sorted({file.relative_to(run.path).parts[0] for file in texts})
    what = f"{run.path} cannot be written ({refused}). These files stay as they were"
    say_broken(f"{what}: {', '.join(names)}")
    return BROKEN
