"""Let a signal to end the process unwind its ``with`` blocks."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` in the main thread on SIGTERM and SIGHUP, as Ctrl-C does.

    Enter it in the main thread. A signal that the process was told to ignore (``nohup``) stays
    ignored; the handlers that were there before come back at the end.
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
