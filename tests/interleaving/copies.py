"""The tier in a process, on the stage: what it shares with other actors there is noted."""

from collections.abc import Callable, Mapping, Sequence

from service.coherence.entries import Value
from service.coherence.fence import Fence
from service.coherence.local import LocalCopies
from service.coherence.timing import Timing
from service.domain import Slot, UserId
from service.ports import Slots
from tests.interleaving.stage import Part, Stage
from tests.interleaving.stores import SteppedCache

LOCAL_S = 0.02


class SteppedCopies(LocalCopies):
    """The copies of one process; what they note is part of what its lease is."""

    def __init__(
        self, stage: Stage, timing: Timing, clock: Callable[[], float], *, part: int
    ) -> None:
        super().__init__(timing, local_s=LOCAL_S, capacity=4, clock=clock)
        self._stage = stage
        self._part = part

    def know(self, fence: Fence) -> None:
        """Have known a fence for as long as it takes."""
        self._stage.clock -= self._timing.grace_s
        self.allowed(fence)
        self._stage.clock += self._timing.grace_s

    def keep(
        self, fence: Fence, user_id: UserId, values: Mapping[Slot, Value], asked_at: float
    ) -> None:
        self._stage.writes(self._part)
        super().keep(fence, user_id, values, asked_at)

    def drop(self, user_id: UserId, slots: Slots) -> None:
        self._stage.writes(self._part)
        super().drop(user_id, slots)


class SlowAnswers(SteppedCache):
    """A cache whose values are heard of at any moment after they were read there."""

    async def get(self, fence: Fence, user_id: UserId, slots: Slots) -> Sequence[bytes | None]:
        stored = await super().get(fence, user_id, slots)
        await self._stage.point("hears", lambda: self._stage.reads(Part.CLOCK))
        return stored
