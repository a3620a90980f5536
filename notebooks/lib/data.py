"""The data of a notebook: a run on disk or, when it is asked for, one made now.

What is measured is measured in a process of its own.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.report.computed import Results
from benchmarks.report.results import read_results, reading
from benchmarks.stack.errors import StackError
from benchmarks.storage.run_folder import LATEST, Run
from benchmarks.storage.usage import UsageError

ROOT = Path(__file__).parents[2]
"""The checkout: notebooks find their data from here, wherever they are started."""
PUBLISHED = ROOT / "reports" / "published"
"""The committed folder."""
LIVE = "FIVEFOLD_LIVE"
OUT = ROOT / "reports" / "notebooks" / "runs"
"""The folder of the notebooks' runs."""
_NOTHING_MEASURED = (2, 4)
"""The exit codes of the command for a wrong option and for something that broke."""
Command = Callable[[Sequence[str]], tuple[int, str]]
"""Runs ``fivefold`` with arguments; returns its exit code and what it said."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A run that was measured before: its folder and its results."""

    path: Path
    results: Results


def newest(folder: Path, kind: str) -> Path:
    """Return the newest run of a kind below a folder; raises ``UsageError`` without any.

    The names of runs begin with their date, so that the last name is the newest run.
    """
    found = sorted(path for path in folder.glob(f"*-{kind}-*") if path.is_dir())
    if not found:
        there = ", ".join(sorted(path.name for path in folder.glob("*-*-*"))) or "none"
        raise UsageError(f"{folder} holds no run of kind {kind}; there: {there}")
    return found[-1]


def stored(path: Path | str) -> Stored:
    """Read the run in a folder, relative to the checkout; raises ``UsageError`` without one."""
    folder = (ROOT / path).resolve()
    with reading(folder):
        return _read(folder)


def published() -> Stored:
    """Return the newest committed full run; raises ``UsageError``."""
    return stored(newest(PUBLISHED, "full"))


@cache
def _read(folder: Path) -> Stored:
    return Stored(folder, read_results(Run(folder)))


def live(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether notebooks are to measure; raises ``UsageError`` when that cannot be told."""
    value = environment.get(LIVE, "")
    if value not in {"", "0", "1"}:
        raise UsageError(f"{LIVE} is {value!r}; it takes 1 to measure, 0 or nothing to read")
    return value == "1"


def fivefold(arguments: Sequence[str]) -> tuple[int, str]:
    """Run a command of this project; return its exit code and what it said.

    Whatever interrupts a notebook interrupts the command too, which then stops what it had started:
    Jupyter tells all processes of a kernel.
    """
    command = [sys.executable, "-c", "from benchmarks.cli.main import main; main()", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said, _ = process.communicate()
    return process.returncode, said.strip()


def measured(*scenarios: str) -> Stored:
    """Return the published run or, live, one that is measured now, in about a minute.

    Raises ``StackError`` with what the command said when it could not measure.
    """
    if not live():
        return published()
    return compared("--profile=quick", *(f"--scenario={name}" for name in scenarios))


def compared(*options: str, out: Path = OUT, command: Command = fivefold) -> Stored:
    """Return the run of ``fivefold compare`` with these options; raises as ``measured`` does."""
    _carry_out(["compare", *options], out, command)
    return stored(out / LATEST)


def folder_of(kind: str, *arguments: str, out: Path = OUT, command: Command = fivefold) -> Path:
    """Return the newest published folder of a kind or, live, the one that a command makes now.

    Raises ``UsageError`` where none is published, ``StackError`` with what the command said when
    it could not do it.
    """
    if not live():
        return newest(PUBLISHED, kind)
    _carry_out(arguments, out, command)
    return newest(out, kind)


def _carry_out(arguments: Sequence[str], out: Path, command: Command) -> None:
    whole = [*arguments, f"--out={out}"]
    code, said = command(whole)
    if code in _NOTHING_MEASURED:
        raise StackError(f"fivefold {' '.join(whole)} ended with {code}: {said}")
