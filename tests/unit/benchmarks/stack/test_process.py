"""A child is watched while it runs, has a port of its own, and never outlives its parent."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.ports import HOST
from benchmarks.stack.process import Process, launch, terminate_as_interrupt
from tests.waiting import eventually, is_gone, state_of

FOR_EVER_S = 3600.0
"""Whoever waits as long has not noticed the end."""
RUNS = ["sleep", "600"]
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


def test_a_child_that_ends_is_reported_at_once_with_its_last_words_and_is_never_ready(
    log: Path,
) -> None:
    with start(["sh", "-c", "seq 40; echo cannot open database >&2; exit 3"], log) as child:
        with pytest.raises(EarlyExitError) as caught:
            child.wait_ready(lambda: "not yet", deadline_s=FOR_EVER_S)
        with pytest.raises(EarlyExitError):
            child.wait_ready(lambda: None, deadline_s=FOR_EVER_S)

    assert caught.value.code == 3
    assert str(caught.value).startswith("child ended with exit code 3 before it was ready")
    assert str(caught.value).endswith("40\ncannot open database")
    assert "\n20\n" not in str(caught.value)


def test_waiting_too_long_says_what_is_missing(log: Path) -> None:
    with start(["sh", "-c", "echo loading; sleep 600"], log) as child:
        assert eventually(lambda: bool(child.log_tail()))

        with pytest.raises(StackError, match=r"(?s)within 0.1 s \(no answer\).*loading"):
            child.wait_ready(lambda: "no answer", deadline_s=0.1)


def test_a_missing_program_is_named(log: Path) -> None:
    with pytest.raises(StackError, match="no-such-program cannot be executed; install child"):
        start(["no-such-program"], log)


@pytest.mark.parametrize("paused", [False, True])
def test_stopping_asks_first_even_a_paused_child(log: Path, *, paused: bool) -> None:
    child = python(TIDIES_UP, log)
    if paused:
        child.pause()

    child.stop(FOR_EVER_S)

    assert child.poll() == 0
    assert child.log_tail() == "up\ntidy"


@pytest.mark.parametrize("kills_at_once", [False, True])
def test_a_child_that_ignores_the_request_is_killed_after_the_grace_or_at_once(
    log: Path, *, kills_at_once: bool
) -> None:
    child = python(IGNORES_SIGTERM, log)

    if kills_at_once:
        child.kill()
    else:
        child.stop(grace_s=0.1)
    # What has ended is not waited for, nor is its number signalled again.
    child.stop(FOR_EVER_S)
    child.kill()

    assert child.poll() == -signal.SIGKILL
    assert is_gone(child.pid)
    for act in (child.pause, child.resume):
        with pytest.raises(StackError, match="child has ended with exit code -9; start it again"):
            act()


def test_a_paused_child_stands_still_and_ctrl_c_in_the_terminal_does_not_reach_it(
    log: Path,
) -> None:
    with start(RUNS, log) as child:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        child.pause()
        assert eventually(lambda: state_of(child.pid) == "stopped")
        child.resume()
        assert eventually(lambda: state_of(child.pid) == "sleeping")


@pytest.mark.parametrize("last_act", ["wait", "kill -9 $$"])
def test_what_a_child_started_is_ended_with_it(log: Path, last_act: str) -> None:
    with start(["sh", "-c", f"sleep 600 & echo $!; {last_act}"], log) as child:
        assert eventually(lambda: bool(child.log_tail()))
        grandchild = int(child.log_tail().split()[0])
        if last_act != "wait":
            assert eventually(lambda: child.poll() is not None)

    assert eventually(lambda: is_gone(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
@pytest.mark.parametrize(
    ("death_signal", "line", "last_word"),
    [
        (signal.SIGKILL, [sys.executable, "-I", "-S", "-c", IGNORES_SIGTERM], "up"),
        (
            signal.SIGTERM,
            # The trap comes last: a child that is not yet "sleep" would have it and lose it.
            ["sh", "-c", "sleep 600 & trap 'echo told; kill $!; exit' TERM; echo $!; wait"],
            "told",
        ),
    ],
)
def test_a_parent_ended_by_sigkill_leaves_no_child_which_can_ask_to_be_told_softly(
    tmp_path: Path, death_signal: signal.Signals, line: list[str], last_word: str
) -> None:
    pid, log = tmp_path / "pid", tmp_path / "log"
    arguments = [sys.executable, "-c", PARENT, str(tmp_path), str(int(death_signal)), *line]
    parent = subprocess.Popen(arguments)
    # A child that is not yet set up when its parent ends proves nothing.
    assert eventually(lambda: pid.exists() and bool(log.read_text()))
    child = int(pid.read_text())
    assert not is_gone(child)

    parent.kill()
    parent.wait()

    assert eventually(lambda: is_gone(child))
    assert eventually(lambda: last_word in log.read_text())
    started = [int(word) for word in log.read_text().split() if word.isdigit()]
    assert eventually(lambda: all(map(is_gone, started)))


# on a port


def test_a_given_port_that_is_taken_is_refused_before_anything_starts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(StackError, match=f"Port {port} .* is taken"):
            launch("it", arguments=lambda _: RUNS, probe=lambda _: None, log=log, port=port)

    assert not log.exists()


def test_nothing_keeps_running_when_the_wait_is_cut_off(tmp_path: Path) -> None:
    log, line = tmp_path / "log", ["sh", "-c", "echo $$; exec sleep 600"]

    def probe(_port: int) -> str:
        if log.read_text():
            raise KeyboardInterrupt
        return "still starting"

    with pytest.raises(KeyboardInterrupt):
        launch("it", arguments=lambda _: line, probe=probe, log=log)

    assert is_gone(int(log.read_text()))


# signals to us


@pytest.fixture
def restored_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("restored_handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_arrives_as_an_interrupt(number: signal.Signals) -> None:
    # The tests themselves may have been started with nohup.
    signal.signal(number, signal.SIG_DFL)

    with pytest.raises(KeyboardInterrupt, match=number.name), terminate_as_interrupt():
        os.kill(os.getpid(), number)


@pytest.mark.usefixtures("restored_handlers")
def test_the_handlers_from_before_come_back_and_what_nohup_ignores_stays_ignored() -> None:
    def mine(*_: object) -> None: ...

    signal.signal(signal.SIGTERM, mine)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with terminate_as_interrupt():
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) is not mine

    assert signal.getsignal(signal.SIGTERM) is mine
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
