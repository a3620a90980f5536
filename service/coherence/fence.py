"""The fence: one small document in the database that says whether, and where, to cache.

It goes ``on -> off -> arm -> on``, one compare-and-set at a time. ``off``: no process uses Redis.
``arm``: writers mark and clear in a new namespace, no process reads it yet. ``on``: readers use the
namespace. A namespace is used by one run of one Redis server and never again, so whatever else
Redis may remember is never asked for.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

LEASE_S, WRITE_DEADLINE_S = 0.9, 5.0
DROPPED = "dropped"


class State(StrEnum):
    """The three states of the fence."""

    ON = "on"
    ARM = "arm"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Fence:
    """One version of the fence; ``seq`` rises by one with every change.

    ``namespace`` and ``run_id`` name the keys and the server run that they live in. ``enabled``
    is the operator's flag: it stops reads and fills, while writers go on invalidating, so it can
    be turned back on at once. ``pin`` rises while a process without Redis writes to this
    database; as long as it does the fence stays off. ``fences`` counts the steps to ``off`` by
    reason. ``lease_s`` and ``write_deadline_s`` are the longest lease and commit of any process of
    the deployment, in seconds; they only rise. ``deployment`` is drawn when the document is made,
    and again where it is found in a database of another ``origin``, so that neither a database made
    anew nor a copy of one meets the keys of the other. ``drained`` says of a closed fence that no
    lease from before is left, so that no process has to wait for one.
    """

    deployment: str
    seq: int
    state: State
    namespace: int
    run_id: str
    enabled: bool = True
    pin: int = 0
    fences: Mapping[str, int] = field(default_factory=dict)
    lease_s: float = LEASE_S
    write_deadline_s: float = WRITE_DEADLINE_S
    origin: str = ""
    drained: bool = False
    readable: bool = field(init=False, repr=False, compare=False)
    """Whether reads and fills may use the namespace; worked out once, since every read asks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "readable", self.state is State.ON and self.enabled)

    @property
    def writable(self) -> bool:
        """Tell whether writers mark and clear in the namespace."""
        return self.state is not State.OFF

    def fenced(self, reason: str) -> "Fence":
        """Return the fence after it was closed."""
        fences = {**self.fences, reason: self.fences.get(reason, 0) + 1}
        return replace(self, seq=self.seq + 1, state=State.OFF, fences=fences, drained=False)

    def outlived(self) -> "Fence":
        """Return the closed fence after every lease from before it was closed has ended."""
        return replace(self, seq=self.seq + 1, drained=True)

    def moved(self, origin: str) -> "Fence":
        """Return the fence of a database that was copied or restored from where this one is of."""
        return replace(self.fenced("new-origin"), deployment=new_deployment(), origin=origin)

    def armed(self, run_id: str) -> "Fence":
        """Return the fence with a namespace that was never used."""
        seq = self.seq + 1
        return replace(self, seq=seq, state=State.ARM, namespace=seq, run_id=run_id, drained=False)

    def opened(self) -> "Fence":
        """Return the fence with its namespace open for reads."""
        return replace(self, seq=self.seq + 1, state=State.ON)

    def allowing(self, lease_s: float, write_deadline_s: float) -> "Fence":
        """Return the fence under which a lease and a commit may take this long.

        It is the same one where they may already.
        """
        if lease_s <= self.lease_s and write_deadline_s <= self.write_deadline_s:
            return self
        return replace(
            self,
            seq=self.seq + 1,
            lease_s=max(lease_s, self.lease_s),
            write_deadline_s=max(write_deadline_s, self.write_deadline_s),
        )

    def switched(self, *, enabled: bool) -> "Fence":
        """Return the fence with the operator's flag."""
        return replace(self, seq=self.seq + 1, enabled=enabled)


def new_deployment() -> str:
    """Draw the name that all keys of a deployment begin with."""
    return uuid.uuid4().hex[:12]


class FenceStore(Protocol):
    """The fence's document. Every method raises ``DatabaseUnavailable``."""

    async def origin(self) -> str:
        """Name this database on this server: a copy or a restored one has another name."""
        ...

    async def read(self) -> Fence | None:
        """Return the fence as it is now (a linearizable read), ``None`` before there is one."""
        ...

    async def create(self, fence: Fence) -> Fence:
        """Store the very first fence, or return the one that another process stored first."""
        ...

    async def replace(self, old: Fence, new: Fence) -> bool:
        """Put ``new`` in the place of ``old``; ``False`` when ``old`` is no longer current."""
        ...

    async def pin(self) -> None:
        """Say that a process without Redis is at work."""
        ...
