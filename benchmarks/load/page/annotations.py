"""When what a page has to mark happened: a new run, a reset, a flip of the flag."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_FLIPS = 200


@dataclass(frozen=True, slots=True)
class Flip:
    """The flag was flipped, so many seconds into the run; by ``done`` every process knew."""

    second: float
    enabled: bool
    done: float


@dataclass(slots=True)
class Annotations:
    """What happened since the run began; ``elapsed_s`` is the clock of the metrics, None at rest.

    ``generation`` counts the runs and resets, so that a page knows that what it has is over.
    """

    elapsed_s: Callable[[], float | None]
    generation: int = 0
    flips: list[Flip] = field(default_factory=list)
    _enabled: bool | None = None

    def begin(self) -> None:
        """Note that everything before no longer counts: a run began, or its figures were reset."""
        self.generation += 1
        self.flips.clear()

    def see(self, *, enabled: bool, asked: float | None = None) -> None:
        """Note the flag as the service gives it; a change is a flip, whoever did it.

        ``asked`` is when a flip of our own was sent: it begins to work before it is answered.
        """
        if self._enabled is not None and self._enabled != enabled:
            second = self.elapsed_s()
            # Between two runs there is no chart to mark it in.
            if second is not None:
                self.flips.append(Flip(second if asked is None else asked, enabled, second))
                del self.flips[:-_MOST_FLIPS]
        self._enabled = enabled

    @property
    def pairs_from(self) -> int:
        """Return the first second that was not cut by a flip."""
        return math.floor(self.flips[-1].done) + 1 if self.flips else 0
