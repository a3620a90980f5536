"""The intervals that the protocol rests on."""

import time
from dataclasses import dataclass, replace

from service.coherence.fence import LEASE_S, WRITE_DEADLINE_S, Fence


@dataclass(frozen=True, slots=True)
class Timing:
    """Intervals in seconds, of a process or, ``under`` the fence, of its whole deployment.

    ``lease_s`` is how long a copy of the fence may be used, counted from before it was asked
    for. ``write_deadline_s`` bounds a commit; a mark outlives it. ``heal_s`` is how long Redis
    must have answered before it is trusted again.
    """

    lease_s: float = LEASE_S
    write_deadline_s: float = WRITE_DEADLINE_S
    heal_s: float = 3.0
    fill_s: float = 2.0
    drift: float = 0.01

    def under(self, fence: Fence) -> "Timing":
        """Return the intervals that hold for every process that has a lease on this fence."""
        return replace(self, lease_s=fence.lease_s, write_deadline_s=fence.write_deadline_s)

    @property
    def renew_s(self) -> float:
        """How often a lease is renewed."""
        return self.lease_s / 3

    @property
    def grace_s(self) -> float:
        """After how long nobody holds a lease any more that was taken before an event."""
        return self.lease_s * (1 + self.drift) + 0.01

    @property
    def mark_s(self) -> float:
        """How long a writer's mark stays if its writer dies."""
        return 2 * self.write_deadline_s


def boot_clock() -> float:
    """Return seconds that go on while the machine sleeps and that nobody can set."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
