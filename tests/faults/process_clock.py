"""The service with a wall clock that a signal sets: ``python -m tests.faults.process_clock``.

SIGUSR1 puts it an hour forward, SIGUSR2 an hour back. What counts from the start of the machine
goes on as it is, as when somebody sets the clock of a real machine.
"""

import datetime as dt
import signal
import sys
from collections.abc import Callable
from types import FrameType

import time_machine

from service.server import serve
from tests.light_service import MODULE as SERVICE

HOUR = dt.timedelta(hours=1)
FORWARD, BACK = signal.SIGUSR1, signal.SIGUSR2


def _step(by: dt.timedelta) -> Callable[[int, FrameType | None], None]:
    def step(_signal: int, _frame: FrameType | None) -> None:
        time_machine.travel(dt.datetime.now(dt.UTC) + by).start()

    return step


if __name__ == "__main__":
    signal.signal(FORWARD, _step(HOUR))
    signal.signal(BACK, _step(-HOUR))
    sys.exit(serve(SERVICE, "light"))
