"""How the command ends: its exit codes, and output that ends early or knows few characters."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer

from benchmarks.cli import main as cli
from benchmarks.storage.usage import UsageError, sentence

COMMAND = (sys.executable, "-c", "from benchmarks.cli.main import main; main()")
SECRET = "hunter2"


def ended(monkeypatch: pytest.MonkeyPatch, run: Callable[[], object]) -> object:
    """Return the exit code of a command that does this."""
    monkeypatch.setattr(cli, "app", run)
    with pytest.raises(SystemExit) as found:
        cli.main()
    return found.value.code


def raising(error: BaseException, code: int | None = None) -> Callable[[], object]:
    """Have a command raise, as it is or as Typer ends because of it."""

    def broken() -> None:
        raise error

    def run() -> object:
        try:
            broken()
        except BaseException:
            if code is None:
                raise
            sys.exit(code)
        return None

    return run


@pytest.mark.parametrize(
    ("run", "code", "said"),
    [
        (raising(UsageError("name a run")), 2, "name a run"),
        (raising(RuntimeError("the floor gave way")), 4, "the floor gave way"),
        (raising(typer.Abort(), 1), 4, ""),
        (raising(typer.Exit(1), 1), 1, ""),
        (raising(typer.Exit(3), 3), 3, ""),
    ],
)
def test_one_is_a_claim_that_does_not_hold_and_nothing_else(
    run: Callable[[], object],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(monkeypatch, run) == code

    shown = " ".join(capsys.readouterr().err.split())
    assert said in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e308"])
@pytest.mark.parametrize(
    "options",
    [
        ["compare", "--probe-seconds"],
        ["capacity", "--seconds"],
        ["load", "mostly-reads", "--seconds"],
        ["load", "mostly-reads", "--rate"],
        ["verify", "--seconds"],
        ["doctor", "--seconds"],
        ["advise", "--rate"],
        ["hit-ratio", "--ttl"],
    ],
    ids=" ".join,
)
def test_a_number_that_nobody_can_wait_for_is_refused(
    options: list[str],
    number: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["fivefold", *options, number])

    with pytest.raises(SystemExit) as found:
        cli.main()

    assert found.value.code == 2
    assert options[-1] in capsys.readouterr().err


def test_output_that_nobody_reads_to_its_end_is_no_failure() -> None:
    with subprocess.Popen(
        [*COMMAND, "advise", "--db-ms", "12"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        said = command.stderr.read()

    assert (command.returncode, said) == (0, b"")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_characters_that_the_output_does_not_have_are_shown_plainly(encoding: str) -> None:
    program = (
        "from benchmarks.cli.main import degrade_output; degrade_output(); "
        "print('\\u2588 \\u2026 \\u4e16')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )

    assert done.stdout.decode(encoding).strip() in {"# ... ?", "# \u2026 ?"}


def test_what_breaks_is_told_without_passwords() -> None:
    error = ConnectionError(f"redis://user:{SECRET}@host:6379/0 does not answer.")

    assert sentence(error) == "redis://***@host:6379/0 does not answer"
