"""The command: its help, its exit codes, and output that ends early or knows few characters."""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest.mock import Mock

import pytest
import typer

from benchmarks.analysis.claims.claim import CLAIMS
from benchmarks.cli import main as cli
from benchmarks.runner.profiles import PROFILES
from benchmarks.scenarios import LOADABLE, SCENARIOS
from benchmarks.storage import run_folder
from benchmarks.storage.usage import UsageError, sentence
from benchmarks.variants.registry import CACHING, REFERENCE, VARIANTS

COMMAND = (sys.executable, "-c", "from benchmarks.cli.main import main; main()")
SECRET = "hunter2"
Ran = Callable[..., tuple[object, str]]
"""Returns the exit code of a command and what it says, as one line."""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("name a run"), 2, "name a run"),
        (RuntimeError("the floor gave way"), 4, "the floor gave way"),
        (typer.Abort(), 4, ""),
        (typer.Exit(1), 1, ""),
        (typer.Exit(3), 3, ""),
    ],
)
def test_one_is_a_claim_that_does_not_hold_and_nothing_else(
    error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch, ran: Ran
) -> None:
    def broken() -> None:
        raise error

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(broken)
    monkeypatch.setattr(cli, "app", app)

    ended, shown = ran()

    assert ended == code
    assert said in shown
    assert "Traceback" not in shown


def test_a_full_disk_is_one_sentence_and_no_wrong_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ran: Ran
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "a temporary folder")
    monkeypatch.setattr(run_folder, "TemporaryDirectory", Mock(side_effect=full))

    code, said = ran("compare", "--out", f"{tmp_path}")

    assert code == 4
    assert said.startswith(f"[Errno {errno.ENOSPC}] No space left on device: '{tmp_path}'")


def plain(shown: str) -> str:
    """Return a text without colours and without the lines of boxes."""
    return re.sub(r"\x1b\[[\d;]*m|[^ -~\n]", "", shown)


@pytest.fixture(name="ran")
def _ran(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ran:
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*words: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["fivefold", *words])
        with pytest.raises(SystemExit) as found:
            cli.main()
        return found.value.code, " ".join(plain("".join(capsys.readouterr())).split())

    return ran


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e308"])
@pytest.mark.parametrize(
    "options",
    [
        ["compare", "--rate"],
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
    options: list[str], number: str, ran: Ran
) -> None:
    code, said = ran(*options, number)

    assert code == 2
    assert options[-1] in said


@pytest.mark.parametrize(
    "words",
    [
        *([name, "--out", ""] for name in ("compare", "capacity", "race", "hit-ratio")),
        ["load", "mostly-reads", "--out", ""],
        ["compare", "--har", ""],
        ["diff", "reports/a", ""],
        ["advise", ""],
        ["report", ""],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_refused_and_not_the_current_folder(words: list[str], ran: Ran) -> None:
    code, said = ran(*words)

    assert code == 2
    assert "it is empty; give a path" in said


def test_two_ports_that_are_the_same_are_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, ran: Ran
) -> None:
    # Nothing may be asked of a server, and none is here.
    monkeypatch.setenv("MONGODB_URL", "mongodb://127.0.0.1:1/")

    code, shown = ran("up", "--uncached-port", "8089")

    assert code == 2
    assert "--cached-port, --uncached-port and --locust-port must differ" in shown


def test_output_that_nobody_reads_to_its_end_is_no_failure() -> None:
    with subprocess.Popen(
        [*COMMAND, "advise", "--db-ms", "12"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        said = command.stderr.read()

    assert (command.returncode, said) == (0, b"")


def test_characters_that_the_output_does_not_have_are_shown_plainly() -> None:
    # A mark of a verdict that became "?" would say that it is undecided.
    program = (
        "from benchmarks.cli.main import degrade_output; degrade_output(); "
        "print('\\u2588 \\u2026 \\u2717 \\u2713 \\u4e16')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert done.stdout.strip() == b"# ... x + ?"


def test_what_breaks_is_told_without_passwords() -> None:
    error = ConnectionError(f"redis://user:{SECRET}@host:6379/0 does not answer.")

    assert sentence(error) == "redis://***@host:6379/0 does not answer"


DRIVERS = ("matplotlib", "locust", "pymongo", "redis", "jinja2", "fastapi")
HELPS = [["--help"], ["--version"], *([name, "--help"] for name in cli.COMMANDS)]


@pytest.mark.parametrize(
    ("calls", "slow"),
    [
        pytest.param(HELPS, ("numpy", "scipy", *DRIVERS), id="help"),
        pytest.param([["advise", "--db-ms", "12"]], DRIVERS, id="advise"),
    ],
)
def test_no_call_imports_what_it_does_not_use(
    calls: list[list[str]], slow: tuple[str, ...]
) -> None:
    program = (
        "import sys; from typer.testing import CliRunner; from benchmarks.cli.main import app\n"
        f"codes = [CliRunner().invoke(app, words).exit_code for words in {calls}]\n"
        f"print(codes, [name for name in {slow} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert done.stdout.strip() == f"{[0] * len(calls)} []"


def test_the_help_lists_the_commands_by_what_they_are_for(ran: Ran) -> None:
    _, shown = ran("--help")

    places = [
        shown.find(f"{panel} {commands[0].__name__}") for panel, commands in cli.PANELS.items()
    ]
    assert places == sorted(places)
    assert places[0] > 0


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_option_says_what_it_is_in_a_sentence(name: str) -> None:
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]

    said = {each.name: each.help or "" for each in command.params}

    assert {key for key, text in said.items() if not re.match(r"[A-Z].*\.$", text)} == set()


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("compare", [*SCENARIOS, *VARIANTS, *PROFILES, *CLAIMS]),
        ("load", LOADABLE),
        ("verify", CACHING),
    ],
)
def test_the_help_names_what_can_be_chosen(words: str, choices: Iterable[str], ran: Ran) -> None:
    # A name may be broken where a line ends.
    shown = ran(words, "--help")[1].replace(" ", "")

    assert [name for name in choices if name not in shown] == []


@pytest.mark.parametrize("command", ["compare", "capacity"])
def test_the_reference_is_no_choice_where_what_it_is_compared_with_is_chosen(
    command: str, ran: Ran
) -> None:
    _, shown = ran(command, "--help")

    [offered] = re.findall(r"--variant NAME (.*?)\. --", shown)
    assert ": cached, naive" in offered
    assert f" {REFERENCE}," not in offered.partition(": ")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["comprae"], "compare"),
        (["compare", "--scenaro", "zipf"], "--scenario"),
        (["compare", "--scenario", "zippf"], "did you mean zipf?"),
        (["verify", "--variant", "naiv"], "did you mean naive?"),
        # Also of 0.
        (["compare", "--rate", "0"], "--rate is about running services"),
        (
            ["compare", "a=http://[::1]:1", "b=http://[::1]:2", "--get", "/", "--fail-on", "C1"],
            "--fail-on is about this project's own service",
        ),
    ],
)
def test_a_typing_error_or_an_option_of_other_services_is_answered_with_what_was_meant(
    words: list[str], said: str, ran: Ran
) -> None:
    code, shown = ran(*words)

    assert code == 2
    assert said in shown


@pytest.mark.parametrize(
    ("words", "place", "completed"),
    [("fivefold com", "1", "compare"), ("fivefold load most", "2", "mostly-reads")],
)
def test_the_shell_completes_commands_and_what_options_take(
    words: str, place: str, completed: str, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"_FIVEFOLD_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": place}
    for name, value in asked.items():
        monkeypatch.setenv(name, value)

    assert ran() == (0, completed)
