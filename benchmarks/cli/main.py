"""The ``fivefold`` command: a table of contents. Parse, run, exit with the code of the contract.

Exit codes: 0 fine, 1 an asked claim does not hold, 2 usage, 3 an asked
claim stays undecided or something is wrong, 4 something broke.
"""

import codecs
import errno
import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from benchmarks.cli.measuring import capacity, compare, load
from benchmarks.cli.predicting import advise, hit_ratio
from benchmarks.cli.reading import diff, race, report, verify
from benchmarks.cli.running import doctor, serve, up
from benchmarks.runner.ending import say_broken
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError, is_full, sentence
from service import VERSION

PANELS: Mapping[str, Sequence[Callable[..., None]]] = {
    "Measure": (compare, load, capacity),
    "Read": (report, diff),
    "Predict": (advise, hit_ratio),
    "Prove": (verify, race),
    "Run": (serve, up, doctor),
}
"""The commands by panel of the help; each is called as its function is."""

COMMANDS = tuple(
    command.__name__.replace("_", "-") for commands in PANELS.values() for command in commands
)

REMOVED: Mapping[str, str] = {
    "scale": "fivefold scale was removed: fivefold advise --rate N says how many workers, Redis "
    "nodes and database cores a rate takes; docs/scale.md keeps the rest",
    "soak": "fivefold soak is now fivefold capacity --soak REQUESTS",
    "micro-report": "fivefold micro-report FILE is now fivefold report FILE",
}
"""Commands that there were: what takes their place."""

_USAGE, _BROKEN = 2, 4
_PLAIN: Mapping[str, str] = {
    **dict.fromkeys("\u2500\u2501\u2574\u2576\u2578\u257a", "-"),
    **dict.fromkeys("\u2588\u2587\u2586\u2585\u2584\u2583\u2582\u2581", "#"),
    "\u2026": "...",
    "\u2713": "+",
    "\u2717": "x",
    "\u2013": "-",
    "\u2014": "-",
}
_MOST_FLOAT, _MOST_INT = 1e9, 2**63 - 1


class Commands(TyperGroup):
    """The commands, of which none takes a number that is not finite."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for command in self.commands.values():
            for parameter in command.params:
                parameter.callback = partial(_finite, before=parameter.callback)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; raises ``UsageError`` for what was removed."""
        if args[0] in REMOVED:
            raise UsageError(REMOVED[args[0]])
        return super().resolve_command(ctx, args)


def _finite(ctx: Any, parameter: Any, value: Any, *, before: Callable[..., Any] | None) -> Any:
    """Refuse numbers that no command can do anything with, such as ``inf``."""
    most = _MOST_FLOAT if isinstance(value, float) else _MOST_INT
    if isinstance(value, int | float) and not abs(value) <= most:
        raise UsageError(f"{parameter.opts[0]} is {value:g}, which is no number to work with")
    return before(ctx, parameter, value) if before else value


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)
for _panel, _commands in PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if asked:
        typer.echo(f"fivefold {VERSION}")
        raise typer.Exit


@app.callback()
def fivefold(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Measure whether a cache in front of a database is worth it."""
    del version


def main() -> None:
    """Run the command; an expected failure is one sentence and an exit code.

    Raises ``ModuleNotFoundError`` for a package that is not installed.
    """
    degrade_output()
    try:
        app(prog_name="fivefold")
    except UsageError as error:
        _fail(str(error), _USAGE)
    except StackError as error:
        _fail(str(error), _BROKEN)
    except ModuleNotFoundError:
        raise  # start.py names what installs it.
    except SystemExit as ended:
        if _pipe_broke(ended.__context__):
            # What reads has read enough; flushing at exit would fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        # Typer makes 1 of Ctrl-C, and 1 is a claim that does not hold.
        sys.exit(_BROKEN if isinstance(ended.__context__, typer.Abort) else ended.code)
    except Exception as error:  # noqa: BLE001 - whatever breaks is one sentence and never a 1
        where = "" if is_full(error) else f"{type(error).__name__} in {_place(error)}: "
        _fail(where + sentence(error), _BROKEN)


def degrade_output() -> None:
    """Have output that is no UTF-8 show plain characters for those that it does not have."""
    codecs.register_error("fivefold-plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="fivefold-plain")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each, "?") for each in text), error.end


def _pipe_broke(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}"


def _fail(text: str, code: int) -> None:
    say_broken(text)
    sys.exit(code)
