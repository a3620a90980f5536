"""Options that several commands take."""

from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer


def of_names(says: str, known: Iterable[str], *, typed: Any = typer.Option) -> Any:
    """Return an option, or an argument, whose help and completion list what it takes."""
    choices = tuple(known)

    def completed(incomplete: str) -> list[str]:
        return [name for name in choices if name.startswith(incomplete)]

    help_ = f"{says}: {', '.join(choices)}."
    return typed(help=help_, metavar="NAME", autocompletion=completed)


def of_path(text: str | Path) -> Path:
    """Return the path; raises ``BadParameter`` for "", which ``Path`` takes for this folder."""
    if not str(text):
        raise typer.BadParameter("it is empty; give a path")
    return Path(text)


def option(kind: Any, says: str, metavar: str | None = None, **more: Any) -> Any:
    """Return an option of a command that ``takes`` it."""
    return Annotated[kind | None, typer.Option(help=says, metavar=metavar, **more)]


def flag(name: str, says: str, **more: Any) -> Any:
    """Return an option without a value."""
    return Annotated[bool | None, typer.Option(name, help=says, **more)]


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def takes(
    options: Mapping[str, Any], *, before: str = ""
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a command take these options in the place of its ``**`` ones, None unless given.

    They are listed ``before`` another parameter, or last.
    """

    def taking(command: Callable[..., None]) -> Callable[..., None]:
        named = signature(command)
        *own, _ = named.parameters.values()
        at = [*named.parameters].index(before) if before else len(own)
        others = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=option)
            for name, option in options.items()
        ]
        parameters = [*own[:at], *others, *own[at:]]
        command.__signature__ = named.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return taking


Out = Annotated[Path, typer.Option(help="Folder of the reports.", metavar="FOLDER", parser=of_path)]
Seed = Annotated[int, typer.Option(help="Seed of the random data and of the random order.")]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print what was found as JSON, and everything else on stderr."),
]
RunDir = Annotated[
    Path,
    typer.Argument(
        help="Folder of a stored run, such as reports/latest.", metavar="RUN", parser=of_path
    ),
]
Claims = Annotated[
    list[str] | None,
    typer.Option(
        help='Claim to judge, such as "cached/uncached p50 >= 5"; exit code 1 where it does not '
        "hold. Can be repeated.",
        metavar="CLAIM",
    ),
]
