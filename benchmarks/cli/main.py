"""The ``fivefold`` command: a table of contents. Parse, run, exit with the code of the contract.

Exit codes: 0 fine, 1 an asked claim does not hold, 2 usage, 3 an asked
claim stays undecided or something is wrong, 4 something broke.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError

COMMANDS: Mapping[str, str] = {
    "compare": "measuring",
    "report": "reading",
    "diff": "reading",
    "advise": "predicting",
    "hit-ratio": "predicting",
    "doctor": "reading",
    "capacity": "measuring",
    "load": "measuring",
    "verify": "running",
    "race": "measuring",
    "serve": "running",
    "up": "running",
}
"""Where each command is defined, under a function of its name."""

REMOVED: Mapping[str, str] = {
    "scale": "fivefold scale was removed: fivefold advise --rate N says how many workers, Redis "
    "nodes and database cores a rate takes; docs/scale.md keeps the rest",
    "hit-ratio --memory": "--memory was removed: Redis is taken to have memory for all entries; "
    "fivefold advise says how much that is",
    "soak": "fivefold soak is now fivefold capacity --soak REQUESTS",
    "micro-report": "fivefold micro-report FILE is now fivefold report FILE",
    "doctor --json": "--json was removed: the exit code of fivefold doctor says "
    "whether this machine can measure",
    "doctor --out": "--out was removed: fivefold doctor no longer looks at the reports folder",
    "advise --requests-per-second": "--requests-per-second is now called --rate",
}
"""Commands, and options of a command, that there were: what takes their place."""

_USAGE, _BROKEN = 2, 4


class Lazy(TyperGroup):
    """Imports a command when it is asked for: a service need not wait for what draws figures."""

    def list_commands(self, ctx: object) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:
        """Import a command, None if there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"benchmarks.cli.{COMMANDS[cmd_name]}")
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(getattr(module, cmd_name.replace("-", "_")))
        return typer.main.get_command(alone)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; raises ``UsageError`` for what was removed."""
        command, *options = args
        for name in (command, *(f"{command} {each.partition('=')[0]}" for each in options)):
            if name in REMOVED:
                raise UsageError(REMOVED[name])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Lazy, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def fivefold() -> None:
    """Say when a cache in front of a database is worth it, by measuring it."""


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
