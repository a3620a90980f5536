"""The start of the command, which needs no package: without the others it names their extras."""

import sys

_USAGE = 2


def main() -> None:
    """Run the command; a package that is not there is one sentence and exit code 2."""
    try:
        from benchmarks.cli.main import main as run

        run()
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"fivefold needs {error.name}, which is not installed: pip install "
            "'fivefold[compare]' has what comparing running services takes, pip install "
            "'fivefold[bench]' what every command takes\n"
        )
        sys.exit(_USAGE)
