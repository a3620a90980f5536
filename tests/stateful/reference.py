"""The uncached service, asked beside the cached one, so that neither waits for the other."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from benchmarks.measure.client import Connection, Response
from tests.stateful.answers import CallAnswer, MadeCall, Side

_MOST_WAITING = 16


class Misprediction(AssertionError):
    """The uncached service answers otherwise than the model: nothing is known of the cache."""


class Reference:
    """What one example asks the uncached service, in order; ``thread`` is a pool of one."""

    def __init__(self, connection: Connection, thread: ThreadPoolExecutor) -> None:
        self._side = Side()
        self._connection = connection
        self._thread = thread
        self._waiting: deque[tuple[MadeCall, CallAnswer, Future[tuple[CallAnswer, Response]]]] = (
            deque()
        )

    def ask(self, call: MadeCall, expected: CallAnswer) -> None:
        """Ask, and look at the answer later; raises ``Misprediction`` for an earlier one."""
        answered = self._thread.submit(self._side.ask, call, self._connection)
        self._waiting.append((call, expected, answered))
        if len(self._waiting) > _MOST_WAITING:
            self.check()

    def check(self) -> None:
        """Look at every answer; raises ``Misprediction``."""
        while self._waiting:
            call, expected, answered = self._waiting.popleft()
            answer, _ = answered.result()
            if answer != expected:
                raise Misprediction(f"{call}\n  predicted {expected}\n  uncached  {answer}")
