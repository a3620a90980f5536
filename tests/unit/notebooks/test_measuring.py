import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.report.results import empty, to_json
from benchmarks.stack.errors import StackError
from benchmarks.storage.usage import UsageError
from notebooks.lib.measuring import compared, fivefold, live, measured, said_by
from notebooks.lib.stored import published
from tests.unit.benchmarks import simulate


class Command:
    """A fivefold that measures nothing; it writes a run as the real one does."""

    def __init__(self, code: int, said: str = "") -> None:
        self.answer = (code, said)
        self.asked: list[Sequence[str]] = []

    def __call__(self, arguments: Sequence[str]) -> tuple[int, str]:
        self.asked.append(arguments)
        out = Path(next(each for each in arguments if each.startswith("--out="))[6:])
        run = out / "20260101-090000-quick-abcd"
        run.mkdir(parents=True)
        (run / "results.json").write_text(to_json(empty(simulate.header())))
        (out / "latest").symlink_to(run.name)
        return self.answer


@pytest.mark.parametrize(("value", "told"), [("1", True), ("0", False), ("", False)])
def test_notebooks_measure_only_when_asked_to(value: str, *, told: bool) -> None:
    assert live({"FIVEFOLD_LIVE": value}) is told
    assert live({}) is False


@pytest.mark.parametrize("value", ["yes", "true", "2", " 1"])
def test_a_wish_that_nobody_understands_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match=r"FIVEFOLD_LIVE is .*; it takes 1"):
        live({"FIVEFOLD_LIVE": value})


def test_without_that_wish_the_published_run_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIVEFOLD_LIVE", raising=False)

    assert measured("session").path == published().path


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_run_that_ended_is_shown_whatever_it_decided(tmp_path: Path, code: int) -> None:
    command = Command(code)

    run = compared("--profile=quick", "--scenario=session", out=tmp_path, command=command)

    assert run.path == tmp_path / "20260101-090000-quick-abcd"
    assert command.asked == [
        ["compare", "--profile=quick", "--scenario=session", f"--out={tmp_path}"]
    ]


@pytest.mark.parametrize("code", [2, 4])
def test_a_run_that_broke_is_told_in_its_own_words(tmp_path: Path, code: int) -> None:
    with pytest.raises(StackError, match=f"ended with {code}: no such scenario"):
        compared("--scenario=x", out=tmp_path, command=Command(code, "no such scenario"))


def test_the_command_is_that_of_this_project() -> None:
    code, said = fivefold(["--nonsense"])

    assert code == 2
    assert "--nonsense" in said


def test_whoever_interrupts_the_wait_interrupts_what_is_waited_for(tmp_path: Path) -> None:
    stopped = tmp_path / "stopped"
    program = (
        "import os, signal, time\n"
        "def stop(*_):\n"
        f"    open({str(stopped)!r}, 'w').close()\n"
        "    os._exit(0)\n"
        "signal.signal(signal.SIGINT, stop)\n"
        f"os.kill({os.getpid()}, signal.SIGUSR1)\n"
        "time.sleep(60)\n"
    )
    before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            said_by([sys.executable, "-c", program])
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert stopped.exists()
