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
from benchmarks.stack.ports import HOST, require_free_port
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


def start(line: list[str], log: Path, env: dict[str, str] | None = None) -> Process:
    return Process.start(line, name="child", log=log, env=env)


def listening(port: int) -> list[str]:
    code = f"import socket, time; kept = socket.create_server(('{HOST}', {port})); time.sleep(600)"
    return [sys.executable, "-I", "-S", "-c", code]


def python(code: str, log: Path) -> Process:
    """Start Python code that prints a line once it is set up, and wait for that line."""
    process = start([sys.executable, "-I", "-S", "-c", code], log)
    process.wait_ready(lambda: None if process.log_tail() else "silent", deadline_s=60)
    return process


def test_output_and_errors_go_to_the_log_and_the_given_environment_replaces_ours(
    log: Path,
) -> None:
    line = ["sh", "-c", "echo $WORD $HOME; echo err >&2"]
    with start(line, log, {"WORD": "mine"}) as child:
        assert eventually(lambda: child.poll() == 0)

    assert child.log_tail().splitlines() == ["mine", "err"]


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


def test_an_exception_in_the_block_stops_the_child_and_stopping_again_is_the_same_as_once(
    log: Path,
) -> None:
    with pytest.raises(KeyboardInterrupt), start(RUNS, log) as child:
        raise KeyboardInterrupt
    child.kill()
    child.stop(FOR_EVER_S)

    assert is_gone(child.pid)
    assert child.poll() == -signal.SIGTERM


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

TAKEN = ["sh", "-c", "echo bind: Address already in use; exit 1"]


def our_own_words() -> str:
    """Return what a command of ours says when its port is taken."""
    with socket.create_server((HOST, 0)) as server, pytest.raises(StackError) as refusal:
        require_free_port(server.getsockname()[1])
    return str(refusal.value)


@pytest.mark.parametrize("whose", ["a system's", "ours"])
def test_another_port_is_tried_when_somebody_was_faster(tmp_path: Path, whose: str) -> None:
    words = our_own_words() if whose == "ours" else "bind: Address already in use"
    tried: list[int] = []

    def arguments(port: int) -> list[str]:
        tried.append(port)
        return ["sh", "-c", f"echo '{words}'; exit 1"] if len(tried) == 1 else listening(port)

    def probe(_port: int, _process: Process) -> str | None:
        # The first process must be seen to end, however slowly it does.
        return "wait" if len(tried) == 1 else None

    process, port = launch("it", arguments=arguments, probe=probe, log=tmp_path / "log")
    with process:
        assert port == tried[1]
        assert process.poll() is None


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        (TAKEN, StackError, "it found every port taken that it tried; start again"),
        (["sh", "-c", "echo out of disk; exit 3"], EarlyExitError, "out of disk"),
    ],
)
def test_it_gives_up_after_three_taken_ports_and_at_once_when_it_ends_for_another_reason(
    tmp_path: Path, line: list[str], error: type[StackError], words: str
) -> None:
    tried: list[int] = []

    def arguments(port: int) -> list[str]:
        tried.append(port)
        return line

    with pytest.raises(error, match=words):
        launch("it", arguments=arguments, probe=lambda *_: "wait", log=tmp_path / "log")

    assert len(tried) == (3 if line is TAKEN else 1)


def test_a_given_port_that_is_taken_is_refused_before_anything_starts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(StackError, match=f"Port {port} .* is taken"):
            launch("it", arguments=lambda _: RUNS, probe=lambda *_: None, log=log, port=port)

    assert not log.exists()


@pytest.mark.parametrize("is_given", [True, False])
def test_what_answers_on_a_port_must_be_what_was_started(
    tmp_path: Path, closed_port: int, *, is_given: bool
) -> None:
    asked = tmp_path / "asked"
    too_late = f"while [ ! -e {asked} ]; do sleep 0.01; done; {TAKEN[-1]}"
    faster: list[socket.socket] = []

    def arguments(port: int) -> list[str]:
        faster.append(socket.create_server((HOST, port)))
        return ["sh", "-c", too_late]

    def answered(_port: int, _process: Process) -> None:
        asked.touch()

    given = f"^Port {closed_port} of {HOST} is taken; stop what listens there"
    words, port = (given, closed_port) if is_given else ("it found every port taken", None)
    with pytest.raises(StackError, match=words):
        launch("it", arguments=arguments, probe=answered, log=tmp_path / "log", port=port)
    for each in faster:
        each.close()


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), RuntimeError("broken probe"), None])
def test_nothing_keeps_running_when_the_wait_is_cut_off_or_in_vain(
    tmp_path: Path, failure: BaseException | None
) -> None:
    pids: list[int] = []

    def probe(_port: int, process: Process) -> str | None:
        pids.append(process.pid)
        if failure is not None:
            raise failure
        return "still thinking"

    words = None if failure else r"was not ready within 0.1 s \(still thinking\)"
    with pytest.raises(type(failure) if failure else StackError, match=words):
        launch("it", arguments=lambda _: RUNS, probe=probe, log=tmp_path / "log", deadline_s=0.1)

    assert is_gone(pids[0])


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
