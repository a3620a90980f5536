"""Run programs as children that cannot outlive their parent, and wait until they are ready."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import NoReturn, Self

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.ports import HOST, held_port, require_free_port

Probe = Callable[[], str | None]
"""Says what is still missing, or nothing once the process is ready."""

_TETHER = Path(__file__).with_name("tether.py")
_POLL_S = 0.02
# Longer than the service gives its last requests.
_GRACE_S = 15.0
_TAIL_BYTES = 64 * 1024
# Far more than a start takes: on a machine that does much else, it waits for its turns.
_DEADLINE_S = 120.0
_HTTP_TIMEOUT_S = 2.0
_HTTP_OK = 200
_SHOWN_BYTES = 300
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Process:
    """A child process with its log; ``with`` stops it on the way out.

    It has left our terminal, so Ctrl-C reaches only the parent, which then stops its children in
    order; and it leads a process group, so killing and pausing reach what it has started. On
    Linux the child gets ``death_signal`` when the thread that started it ends, so start it from
    the main thread; elsewhere a parent ended by SIGKILL leaves it running.
    """

    def __init__(self, child: "subprocess.Popen[bytes]", *, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.pid = child.pid
        self._child = child
        self._ended = False

    @classmethod
    def start(
        cls,
        arguments: Sequence[str],
        *,
        name: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> Self:
        """Start the program with its output in a fresh ``log`` and, by default, our environment.

        Raises ``StackError`` when there is no such program.
        """
        program = shutil.which(arguments[0])
        if program is None:
            raise StackError(f"{arguments[0]} cannot be executed; install {name} and start again.")
        child = spawn([program, *arguments[1:]], env=env, log=log, death_signal=death_signal)
        return cls(child, name=name, log=log)

    def wait_ready(self, probe: Probe, deadline_s: float) -> None:
        """Return once the probe has nothing to say.

        Raises ``EarlyExitError`` as soon as the process ends, ``StackError`` with the probe's last
        words when ``deadline_s`` seconds have passed; the process is then still running.
        """
        deadline = time.monotonic() + deadline_s
        while True:
            code = self.poll()
            if code is not None:
                raise EarlyExitError(self.name, code, self.log_tail())
            missing = probe()
            if missing is None:
                return
            if time.monotonic() >= deadline:
                raise StackError(
                    f"{self.name} was not ready within {deadline_s:g} s ({missing}); "
                    f"look for the reason in its log and start again:\n{self.log_tail()}"
                )
            time.sleep(_POLL_S)

    def poll(self) -> int | None:
        """Return the exit code, minus the signal if one ended it, or None while it runs."""
        code = self._child.poll()
        if code is not None:
            self.kill()
        return code

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of the log."""
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - _TAIL_BYTES))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def stop(self, grace_s: float = _GRACE_S) -> None:
        """End it: SIGTERM, and SIGKILL after ``grace_s`` seconds or when interrupted meanwhile.

        Also ends a paused process and what the process left running. Does nothing the second time.
        """
        if self.poll() is not None:
            return
        try:
            self._child.terminate()
            self._signal(signal.SIGCONT)
            self._child.wait(grace_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and what it started by SIGKILL, without a chance to tidy up."""
        # Once reaped, the number may belong to another process: never signal it again.
        if self._ended:
            return
        self._signal(signal.SIGKILL)
        self._child.wait()
        self._ended = True

    def pause(self) -> None:
        """Freeze it with its connections open; raises ``StackError`` if it has ended."""
        self._require_running()
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after ``pause``; raises ``StackError`` if it has ended."""
        self._require_running()
        self._signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _require_running(self) -> None:
        code = self.poll()
        if code is not None:
            raise StackError(f"{self.name} has ended with exit code {code}; start it again first.")

    def _signal(self, number: signal.Signals) -> None:
        # macOS answers EPERM for a group of which only unreaped processes are left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def spawn(
    program: Sequence[str],
    *,
    env: Mapping[str, str] | None,
    log: Path,
    death_signal: signal.Signals,
) -> "subprocess.Popen[bytes]":
    """Start the program as the leader of a session, tied to us, with its output in ``log``."""
    tether: list[str] = []
    if sys.platform == "linux":
        tether = [
            sys.executable,
            "-I",
            "-S",
            str(_TETHER),
            str(int(death_signal)),
            str(os.getpid()),
        ]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*tether, *program],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )


def launch(
    name: str,
    *,
    arguments: Callable[[int], Sequence[str]],
    probe: Callable[[int], str | None],
    log: Path,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> tuple[Process, int]:
    """Start a server on a port and return both when the probe has nothing to say.

    Without a ``port`` a free one is chosen. Nothing is left running when it fails. Raises
    ``StackError`` when the given port is taken or the process is not ready in two minutes,
    ``EarlyExitError`` when it ends.
    """
    if port is not None:
        require_free_port(port)
    with contextlib.nullcontext(port) if port is not None else held_port() as number:
        line = arguments(number)
        process = Process.start(line, name=name, log=log, env=env, death_signal=death_signal)
        try:
            process.wait_ready(partial(probe, number), _DEADLINE_S)
        except BaseException:
            process.stop()
            raise
    return process, number


def probe_http(path: str, name: str) -> Callable[[int], str | None]:
    """Return a probe that asks for a path, which it calls by this name, until that answers 200.

    Another answer is told with the beginning of its body.
    """

    def probe(port: int) -> str | None:
        connection = HTTPConnection(HOST, port, timeout=_HTTP_TIMEOUT_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(_SHOWN_BYTES).decode(errors="replace")
        except (OSError, HTTPException) as error:
            return f"no answer from {name}: {error}"
        finally:
            connection.close()
        answered = f"{name} answered {answer.status} {body}".rstrip()
        return None if answer.status == _HTTP_OK else answered

    return probe


@contextlib.contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` in the main thread on SIGTERM and SIGHUP, as Ctrl-C does.

    So a signal that ends us unwinds our ``with`` blocks, which end our children. Enter it in the
    main thread. A signal that the process was told to ignore (``nohup``) stays ignored; the
    handlers that were there before come back at the end.
    """
    previous = {number: signal.getsignal(number) for number in _ENDING}
    taken = [number for number in _ENDING if previous[number] is not signal.SIG_IGN]
    try:
        for number in taken:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number in taken:
            signal.signal(number, previous[number])


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)
