"""The time since a run began, the same in every process that takes part."""

import time
from collections.abc import Callable


class Clock:
    """Counts from a moment that all processes are told; the machine's steady clock does the rest.

    Moments are seconds of ``time.perf_counter``. ``wall_s`` is only asked when the run begins, so a
    clock that is set meanwhile moves nothing.
    """

    def __init__(
        self,
        *,
        wall_s: Callable[[], float] = time.time,
        steady_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wall_s = wall_s
        self._steady_s = steady_s
        self._origin_s: float | None = None

    @property
    def runs(self) -> bool:
        """Tell whether the run has begun."""
        return self._origin_s is not None

    def begin(self, at_s: float) -> None:
        """Count from ``at_s``, seconds since 1970."""
        self._origin_s = self._steady_s() - (self._wall_s() - at_s)

    def stop(self) -> None:
        """Forget the run: nothing has begun."""
        self._origin_s = None

    def now_s(self) -> float:
        """Return the moment."""
        return self._steady_s()

    def since_s(self, moment_s: float) -> float:
        """Return how long after the begin a moment was, 0 where nothing has begun."""
        return 0.0 if self._origin_s is None else moment_s - self._origin_s

    def elapsed_s(self) -> float:
        """Return the time since the begin, 0 where nothing has begun."""
        return self.since_s(self._steady_s())
