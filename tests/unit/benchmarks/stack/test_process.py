"""A child is watched while it runs and never outlives its parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.process import Process
from tests.unit.benchmarks.stack.waiting import eventually, is_gone, state_of

FOR_EVER_S = 3600.0
"""Whoever waits as long has not noticed the end."""
IGNORES_SIGTERM = (
    "import signal, time; signal.signal(15, 1); print('up', flush=True); time.sleep(600)"
)
TIDIES_UP = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("tidy", flush=True), sys.exit(0)))
print("up", flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
from pathlib import Path
from signal import Signals
from benchmarks.stack.process import Process

folder, death_signal, *line = sys.argv[1:]
child = Process.start(
    line, name="child", log=Path(folder, "log"), death_signal=Signals(int(death_signal))
)
Path(folder, "pid.new").write_text(str(child.pid))
Path(folder, "pid.new").rename(Path(folder, "pid"))
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def start(line: list[str], log: Path) -> Process:
    return Process.start(line, name="child", log=log)


def python(code: str, log: Path) -> Process:
    """Start Python code that prints a line once it is set up, and wait for that line."""
    process = start([sys.executable, "-I", "-S", "-c", code], log)
    process.wait_ready(lambda: None if process.log_tail() else "silent", deadline_s=60)
    return process


def test_output_and_errors_go_to_the_log(log: Path) -> None:
    with start(["sh", "-c", "echo out; echo err >&2"], log) as child:
        assert eventually(lambda: child.poll() == 0)

    assert child.log_tail().splitlines() == ["out", "err"]


def test_the_given_environment_replaces_ours(log: Path) -> None:
    line = ["sh", "-c", "echo $WORD $HOME"]
    with Process.start(line, name="child", log=log, env={"WORD": "mine"}) as child:
        assert eventually(lambda: child.poll() == 0)

    assert child.log_tail() == "mine"


def test_a_child_that_exits_early_is_reported_at_once_with_its_last_words(log: Path) -> None:
    with (
        start(["sh", "-c", "seq 40; echo cannot open database; exit 3"], log) as child,
        pytest.raises(EarlyExitError) as caught,
    ):
        child.wait_ready(lambda: "not yet", deadline_s=FOR_EVER_S)

    assert caught.value.code == 3
    assert str(caught.value).startswith("child ended with exit code 3 before it was ready")
    assert str(caught.value).endswith("40\ncannot open database")
    assert "\n20\n" not in str(caught.value)


def test_a_child_that_ended_is_never_ready_whatever_answers_the_probe(log: Path) -> None:
    with start(["false"], log) as child:
        assert eventually(lambda: child.poll() is not None)

        with pytest.raises(EarlyExitError, match=r"\(the log is empty\)"):
            child.wait_ready(lambda: None, deadline_s=FOR_EVER_S)


def test_waiting_too_long_says_what_is_missing(log: Path) -> None:
    with start(["sh", "-c", "echo loading; sleep 600"], log) as child:
        assert eventually(lambda: bool(child.log_tail()))

        with pytest.raises(StackError, match=r"(?s)within 0.1 s \(no answer\).*loading"):
            child.wait_ready(lambda: "no answer", deadline_s=0.1)


def test_a_missing_program_is_named(log: Path) -> None:
    with pytest.raises(StackError, match="no-such-program cannot be executed; install child"):
        start(["no-such-program"], log)


def test_stopping_asks_first(log: Path) -> None:
    child = python(TIDIES_UP, log)

    child.stop()

    assert child.poll() == 0
    assert child.log_tail() == "up\ntidy"


def test_a_child_that_ignores_the_request_is_killed_after_the_grace(log: Path) -> None:
    child = python(IGNORES_SIGTERM, log)

    child.stop(grace_s=0.1)

    assert child.poll() == -signal.SIGKILL
    assert is_gone(child.pid)


def test_stopping_twice_is_the_same_as_once(log: Path) -> None:
    child = start(["sleep", "600"], log)

    for _ in range(2):
        child.stop()
        child.kill()

    assert child.poll() == -signal.SIGTERM


def test_a_paused_child_is_asked_too(log: Path) -> None:
    child = python(TIDIES_UP, log)
    child.pause()

    child.stop()

    assert child.poll() == 0
    assert child.log_tail() == "up\ntidy"


def test_a_paused_child_stands_still_until_it_is_resumed(log: Path) -> None:
    with start(["sleep", "600"], log) as child:
        child.pause()
        assert eventually(lambda: state_of(child.pid) == "stopped")

        child.resume()
        assert eventually(lambda: state_of(child.pid) == "sleeping")


def test_a_killed_child_is_gone_without_a_chance_to_tidy_up(log: Path) -> None:
    child = python(IGNORES_SIGTERM, log)

    child.kill()

    assert child.poll() == -signal.SIGKILL
    for act in (child.pause, child.resume):
        with pytest.raises(StackError, match="child has ended with exit code -9; start it again"):
            act()


@pytest.mark.parametrize("last_act", ["wait", "kill -9 $$"])
def test_what_the_child_left_running_is_ended_with_it(log: Path, last_act: str) -> None:
    with start(["sh", "-c", f"sleep 600 & echo $!; {last_act}"], log) as child:
        assert eventually(lambda: bool(child.log_tail()))
        grandchild = int(child.log_tail().split()[0])
        if last_act != "wait":
            assert eventually(lambda: child.poll() is not None)

    assert eventually(lambda: is_gone(grandchild))


def test_a_child_owns_what_it_started_and_nothing_else(log: Path) -> None:
    with start(["sh", "-c", "sleep 600 & echo $!; wait"], log) as child:
        assert eventually(lambda: bool(child.log_tail()))

        assert child.owns(child.pid)
        assert child.owns(int(child.log_tail()))
        assert not child.owns(os.getpid())
        assert not child.owns(2**22 + 1)


def test_an_exception_in_the_block_stops_the_child(log: Path) -> None:
    with pytest.raises(KeyboardInterrupt), start(["sleep", "600"], log) as child:
        raise KeyboardInterrupt

    assert is_gone(child.pid)


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(log: Path) -> None:
    with start(["sleep", "600"], log) as child:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)


def parent_of(line: list[str], folder: Path, death_signal: int) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", PARENT, str(folder), str(int(death_signal)), *line]
    parent = subprocess.Popen(arguments)
    assert eventually((folder / "pid").exists)
    # A child that is not yet set up when its parent ends proves nothing.
    assert eventually(lambda: bool((folder / "log").read_text()))
    return parent


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_parent_ended_by_sigkill_leaves_no_child(tmp_path: Path) -> None:
    line = [sys.executable, "-I", "-S", "-c", IGNORES_SIGTERM]
    parent = parent_of(line, tmp_path, signal.SIGKILL)
    child_pid = int((tmp_path / "pid").read_text())
    assert not is_gone(child_pid)

    parent.kill()
    parent.wait()

    assert eventually(lambda: is_gone(child_pid))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_child_with_children_of_its_own_can_ask_to_be_told_softly(tmp_path: Path) -> None:
    supervisor = "trap 'echo told; kill $!; exit' TERM; sleep 600 & echo $!; wait"
    parent = parent_of(["sh", "-c", supervisor], tmp_path, signal.SIGTERM)
    log = tmp_path / "log"

    parent.kill()
    parent.wait()

    assert eventually(lambda: "told" in log.read_text())
    assert eventually(lambda: is_gone(int(log.read_text().split()[0])))
