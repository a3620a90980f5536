"""Start a server on a port and wait until it is this server that answers there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Literal

from benchmarks.stack.errors import EarlyExitError, StackError
from benchmarks.stack.identity import Identity
from benchmarks.stack.ports import HOST, free_port, require_free_port, tells_of_a_taken_port
from benchmarks.stack.process import Process
from benchmarks.stack.server import Kind, Server

_ATTEMPTS = 3
# Far more than a start takes: on a machine that does much else, it waits for its turns.
_DEADLINE_S = 120.0
_HTTP_TIMEOUT_S = 2.0
_HTTP_OK = 200


def launch(
    name: str,
    *,
    arguments: Callable[[int], Sequence[str]],
    probe: Callable[[int, Process], str | None],
    log: Path,
    port: int | None = None,
    env: Mapping[str, str] | None = None,
    death_signal: Signals = SIGKILL,
    deadline_s: float = _DEADLINE_S,
) -> tuple[Process, int]:
    """Return the ready process and its port; nothing is left running when it fails.

    Without a ``port`` a free one is chosen, and another one when somebody was faster. Raises
    ``StackError`` when the given port is taken or the process is not ready in ``deadline_s``
    seconds, ``EarlyExitError`` when it ends.
    """
    if port is not None:
        require_free_port(port)
    for _ in range(_ATTEMPTS):
        number = free_port() if port is None else port
        process = Process.start(
            arguments(number), name=name, log=log, env=env, death_signal=death_signal
        )
        try:
            process.wait_ready(partial(probe, number, process), deadline_s)
        except EarlyExitError as error:
            if not tells_of_a_taken_port(error.tail):
                raise
        except BaseException:
            process.stop()
            raise
        else:
            return process, number
    raise StackError(f"{name} found every port taken that it tried; start again.")


def launch_server(
    role: Literal["mongo", "redis"],
    kind: Kind,
    *,
    arguments: Callable[[int], Sequence[str]],
    probe: Callable[[int, Process], str | None],
    identify: Callable[[str], Identity],
    url: Callable[[int], str],
    log: Path,
    port: int | None,
) -> Server:
    """Launch it and ask what it is; nothing is left running when that fails."""
    process, number = launch(kind, arguments=arguments, probe=probe, log=log, port=port)
    with ExitStack() as undo:
        undo.callback(process.stop)
        found = identify(url(number))
        undo.pop_all()
    return Server(
        role=role,
        kind=kind,
        product=found.product,
        version=found.version,
        url=url(number),
        process=process,
    )


def probe_http(
    path: str, name: str, *, shown_bytes: int = 0
) -> Callable[[int, Process], str | None]:
    """Return a probe that asks for a path, which it calls by this name, until that answers 200.

    Another answer is told with the beginning of its body.
    """

    def probe(port: int, _process: Process) -> str | None:
        connection = HTTPConnection(HOST, port, timeout=_HTTP_TIMEOUT_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(shown_bytes).decode(errors="replace")
        except (OSError, HTTPException) as error:
            return f"no answer from {name}: {error}"
        finally:
            connection.close()
        answered = f"{name} answered {answer.status} {body}".rstrip()
        return None if answer.status == _HTTP_OK else answered

    return probe
