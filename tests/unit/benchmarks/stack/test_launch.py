"""A server is launched on a port of its own or not at all."""

import socket
from pathlib import Path

import pytest

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.launch import launch
from benchmarks.stack.ports import HOST, require_free_port
from benchmarks.stack.process import Process
from tests.unit.benchmarks.stack.waiting import is_gone

TAKEN = ["sh", "-c", "echo bind: Address already in use; exit 1"]
RUNS = ["sleep", "600"]


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
        return ["sh", "-c", f"echo '{words}'; exit 1"] if len(tried) == 1 else RUNS

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
