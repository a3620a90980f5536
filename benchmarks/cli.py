"""The ``fivefold`` command: a table of contents. Parse, run, exit with the code of the contract.

Exit codes: 0 fine, 1 an asked claim does not hold, 2 usage, 3 inconclusive, 4 something broke.
"""

import sys

import typer
from rich.console import Console

from benchmarks.advise.command import advise
from benchmarks.commands.measuring import capacity, compare, soak
from benchmarks.commands.reading import diff, doctor, micro_report, report
from benchmarks.commands.running import serve, up, verify
from benchmarks.options import UsageError
from benchmarks.stack.errors import StackError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (
    compare,
    report,
    diff,
    advise,
    doctor,
    capacity,
    soak,
    micro_report,
    verify,
    serve,
    up,
):
    app.command()(command)

_USAGE, _BROKEN = 2, 4


def main() -> None:
    """Run the command; a foreseen failure is one sentence and an exit code."""
    try:
        app()
    except UsageError as error:
        _fail(error, _USAGE)
    except StackError as error:
        _fail(error, _BROKEN)


def _fail(error: Exception, code: int) -> None:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
    sys.exit(code)
