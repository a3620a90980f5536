"""The start of the command, which needs no package: without the others it names their extras."""

import sys

_USAGE = 2


def main() -> None:
    """Run the command; a package that is not there is one sentence and exit code 2."""
    try:
        from benchmarks.cli.main import main as run
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{lacking(error)}\n")
        sys.exit(_USAGE)
    run()


def lacking(error: ModuleNotFoundError) -> str:
    """Return which package is not installed, and what installs it."""
    return (
        f"fivefold needs {error.name}, which is not installed: pip install 'fivefold[compare]' has "
        "what comparing running services takes, pip install 'fivefold[bench]' what every command "
        "takes"
    )
