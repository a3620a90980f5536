"""How the number of users changes over a run.

All are scaled to the users, the spawn rate and the run time that were asked for, and count from
the moment from which everything else counts. None of them takes part unless it is chosen.
"""

from collections.abc import Mapping
from math import ceil

from locust import LoadTestShape

from benchmarks.load.locust.process import DEFAULT_SECONDS, LocustProcess

DEFAULT_USERS = 10
STEPS = 5
_Tick = tuple[int, float]


class Shape(LoadTestShape):
    """A course over the whole run; a subclass says the share of the users at each part of it."""

    abstract = True
    use_common_options = True

    def __init__(self, process: LocustProcess) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._process = process

    def reset_time(self) -> None:
        """Forget the run before; Locust calls this when it begins with the shape."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self._process.reset()

    def share(self, part: float) -> float:
        """Return the share of the users at a part of the run, both from 0 to 1."""
        raise NotImplementedError

    def tick(self) -> _Tick | None:
        """Return users and users per second, None at the end."""
        options = self._process.options
        seconds = options.run_time or DEFAULT_SECONDS
        part = self._process.clock.elapsed_s() / seconds
        if part >= 1:
            return None
        most = options.users or DEFAULT_USERS
        # As fast as possible: how fast is what the shape says.
        return max(1, ceil(most * self.share(part))), float(most)


class WarmUp(Shape):
    """A staircase: a fifth of the users, then another one, until all are there."""

    def share(self, part: float) -> float:
        """Return the step."""
        return (int(part * STEPS) + 1) / STEPS


class Spike(Shape):
    """A tenth of the users, all of them for the middle fifth of the time, a tenth again."""

    def share(self, part: float) -> float:
        """Return whether it is the spike."""
        return 1.0 if 0.4 <= part < 0.6 else 0.1  # noqa: PLR2004 - the middle fifth


class Soak(Shape):
    """All users, after a tenth of the time in which they come one by one."""

    def share(self, part: float) -> float:
        """Return how many have come."""
        return min(1.0, part * 10)


class BeforeAfter(Shape):
    """All users on the first variant, and after half of the time on the second."""

    def share(self, part: float) -> float:
        """Return that everybody is there, always."""
        del part
        return 1.0


CLASSES: Mapping[str, type[Shape]] = {
    "warm-up": WarmUp,
    "spike": Spike,
    "soak": Soak,
    "before-after": BeforeAfter,
}
