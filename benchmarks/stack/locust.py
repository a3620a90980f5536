"""Start Locust as a process of its own: importing it would change the sockets of its importer."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process, launch, probe_http

PROGRAM = (sys.executable, "-m", "locust")
LOCUSTFILE = Path(__file__).parents[1] / "locustfile.py"
_OWN_VARIABLES = ("LOCUST_", "FIVEFOLD_")


@contextmanager
def start_locust_ui(*, port: int, env: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Run Locust with its web page and the class picker on the port, and stop it after.

    ``env`` are its options beside our environment. Raises ``StackError`` when the port is taken,
    or when Locust ends or its page does not answer in time.
    """
    arguments = [*PROGRAM, "-f", str(LOCUSTFILE), "--class-picker", "--web-host", HOST]
    process, _ = launch(
        "locust",
        arguments=lambda number: [*arguments, "--web-port", str(number)],
        probe=probe_http("/", "its page"),
        log=log,
        port=port,
        env=environment() | dict(env),
    )
    with process:
        yield process


def start_locust(
    arguments: Sequence[str],
    *,
    name: str,
    log: Path,
    program: Sequence[str] = PROGRAM,
) -> Process:
    """Start a Locust without a web page and return at once; the caller stops it.

    Options of Locust in our own environment do not reach it. Raises ``StackError`` where Locust
    cannot be started.
    """
    command = [*program, "-f", str(LOCUSTFILE), *arguments]
    return Process.start(command, name=name, log=log, env=environment())


def environment() -> dict[str, str]:
    """Return our environment without options of Locust and of the locustfile."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)
    }
