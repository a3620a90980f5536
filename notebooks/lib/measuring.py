"""Measuring inside a notebook: only when it is asked for, and always in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.stack.errors import StackError
from benchmarks.storage.run_folder import LATEST
from benchmarks.storage.usage import UsageError
from notebooks.lib.stored import PUBLISHED, ROOT, Stored, newest, published, stored

LIVE = "FIVEFOLD_LIVE"
OUT = ROOT / "reports" / "notebooks" / "runs"
"""Where runs of notebooks go."""
_NOTHING_MEASURED = (2, 4)
"""The exit codes of the command for a wrong option and for something that broke."""
_GRACE_S = 30.0
Command = Callable[[Sequence[str]], tuple[int, str]]
"""Runs ``fivefold`` with arguments; returns its exit code and what it said."""


def live(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether notebooks are to measure; raises ``UsageError`` when that cannot be told."""
    value = environment.get(LIVE, "")
    if value not in {"", "0", "1"}:
        raise UsageError(f"{LIVE} is {value!r}; it takes 1 to measure, 0 or nothing to read")
    return value == "1"


def measured(*scenarios: str, profile: str = "quick") -> Stored:
    """Return the published run or, live, one that is measured now, in about a minute.

    Raises ``StackError`` with what the command said when it could not measure.
    """
    if not live():
        return published()
    options = [f"--profile={profile}", *(f"--scenario={name}" for name in scenarios)]
    return compared(*options)


def compared(*options: str, out: Path = OUT, command: Command | None = None) -> Stored:
    """Return the run of ``fivefold compare`` with these options; raises as ``measured`` does."""
    _carry_out(["compare", *options], out, command)
    return stored(out / LATEST)


def folder_of(kind: str, *arguments: str, out: Path = OUT, command: Command | None = None) -> Path:
    """Return the newest published folder of a kind or, live, the one that a command makes now.

    Raises ``UsageError`` where none is published, ``StackError`` with what the command said when
    it could not do it.
    """
    if not live():
        return newest(PUBLISHED, kind)
    _carry_out(arguments, out, command)
    return newest(out, kind)


def _carry_out(arguments: Sequence[str], out: Path, command: Command | None) -> None:
    whole = [*arguments, f"--out={out}"]
    code, said = (command or fivefold)(whole)
    if code in _NOTHING_MEASURED:
        raise StackError(f"fivefold {' '.join(whole)} ended with {code}: {said}")


def fivefold(arguments: Sequence[str]) -> tuple[int, str]:
    """Run a command of this project; return its exit code and what it said."""
    return said_by(
        [sys.executable, "-c", "from benchmarks.cli.main import main; main()", *arguments]
    )


def said_by(command: Sequence[str]) -> tuple[int, str]:
    """Run a program; return its exit code and what it said.

    Whatever interrupts the wait interrupts the program too, which then stops what it had started.
    """
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said, _ = process.communicate()
        except BaseException:
            process.send_signal(signal.SIGINT)
            _end(process)
            raise
    return process.returncode, said.strip()


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
