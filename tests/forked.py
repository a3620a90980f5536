"""Services of tests are forked from a process that has imported them, not started from nothing.

Importing the service takes a core for most of a second, and tests start it two hundred times.
Nobody else starts it like this, so tests about how it starts go without (``from_nothing``).
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from signal import Signals
from typing import cast

from benchmarks.stack import process
from benchmarks.stack.tether import tie
from tests.light_service import MODULE as LIGHT

FORKED = (
    "service",
    LIGHT,
    "tests.stateful.mutant_service",
    "benchmarks.variants.rivals.naive",
    "benchmarks.variants.ablation",
)
"""Programs that are run by forking."""

# Not the programs themselves, which start anew.
_WHAT_THEY_IMPORT = [
    "service.app",
    "tests.stateful.mutants",
    "benchmarks.variants.rivals.layer",
    "pwdlib.hashers.argon2",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
]
_POLL_S = 0.001


class Forked:
    """A forked process, with what ``Process`` calls of a ``subprocess.Popen``."""

    def __init__(self, forked: ForkServerProcess) -> None:
        assert forked.pid is not None
        self.pid = forked.pid
        self._forked = forked
        # Its exit code can be read from a pipe once.
        self._reading = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, minus the signal if one ended it, or None while it runs."""
        with self._reading:
            return self._forked.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code; raises ``TimeoutExpired`` after ``timeout`` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(_POLL_S)
        return code

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._forked.terminate()


def spawn(
    arguments: Sequence[str], *, env: Mapping[str, str] | None, log: Path, death_signal: Signals
) -> "subprocess.Popen[bytes]":
    """Start the program as the stack does, but fork it where that gives the same."""
    if not can_be_forked(arguments):
        return FROM_NOTHING(arguments, env=env, log=log, death_signal=death_signal)
    log.write_bytes(b"")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_WHAT_THEY_IMPORT)
    settings = dict(os.environ if env is None else env)
    forked = context.Process(
        target=_become, args=(list(arguments[2:]), settings, log, death_signal), daemon=True
    )
    forked.start()
    child = Forked(forked)
    # Signals go to its group, which must be there before anybody can send one.
    while not _leads_a_group(child.pid) and child.poll() is None:
        time.sleep(_POLL_S)
    return cast("subprocess.Popen[bytes]", child)


FROM_NOTHING = process.spawn
"""How the stack itself starts a program."""


def can_be_forked(arguments: Sequence[str]) -> bool:
    """Tell whether the program is a service of ``FORKED`` with one worker, on Linux."""
    return (
        sys.platform == "linux"
        and list(arguments[:2]) == [sys.executable, "-m"]
        and arguments[2] in FORKED
        and ("--workers", "1") in pairwise(arguments)
    )


def _leads_a_group(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def _become(arguments: list[str], env: dict[str, str], log: Path, death_signal: Signals) -> None:
    tie(death_signal, os.getppid())
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for stream, number in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(stream.fileno(), number)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = arguments
    os.setsid()
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
