"""What the model knows: one register, its cache, the fence, and who is where in which step.

Everything is a tuple, so that a state is hashable and equal to another with the same future.
Versions of the register are numbers in commit order; the cache holds versions.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

Phase = Literal["on", "arm", "off", "gone"]
WriterAt = Literal[
    "idle", "asked", "mark", "close", "wait", "commit",  # before the commit
    "settle", "asked-again", "clear", "close-again", "wait-again",  # after it
    "queued", "done",
]  # fmt: skip
ReaderAt = Literal["idle", "get", "missed", "acquire", "load", "bypass", "fill", "done"]


class ModelFence(NamedTuple):
    """The document in the database, and what a lease is a copy of; ``gone`` is no document."""

    seq: int
    phase: Phase
    namespace: int
    run: int
    enabled: bool = True

    @property
    def readable(self) -> bool:
        """Tell whether reads and fills may use the namespace."""
        return self.phase == "on" and self.enabled


class ModelHeld(NamedTuple):
    """What a slot holds: a version, or the token of the reader that may fill it."""

    kind: Literal["value", "token"]
    number: int


class ModelCell(NamedTuple):
    """The slot and the writers' marks of one namespace."""

    namespace: int
    held: ModelHeld | None
    marks: frozenset[int]


class ModelCommand(NamedTuple):
    """What is sent to the cache, by a writer or a reader of this number."""

    kind: Literal["mark", "clear", "acquire", "fill"]
    namespace: int
    who: int
    version: int = 0


class Writer(NamedTuple):
    """A writer, the fence that it decided by, and the version that it committed."""

    at: WriterAt = "idle"
    fence: ModelFence | None = None
    version: int = 0


class Reader(NamedTuple):
    """A reader, what it must not fall below, the fence that it uses, and what it loaded."""

    at: ReaderAt = "idle"
    floor: int = 0
    fence: ModelFence | None = None
    version: int = 0


class Budget(NamedTuple):
    """How many of each may still happen."""

    faults: int = 0
    evictions: int = 0
    restarts: int = 0
    crashes: int = 0
    flips: int = 0
    drops: int = 0
    removals: int = 0


class GlobalState(NamedTuple):
    """Everything at one moment.

    ``floor`` is the newest version that was acknowledged (or, for G2, returned by a read).
    ``run`` counts the runs of the cache server, ``dump`` is what a restart may bring back,
    ``late`` holds commands that were given up but will be executed.
    """

    database: int
    floor: int
    fence: ModelFence
    run: int
    cells: tuple[ModelCell, ...]
    dump: tuple[ModelCell, ...] | None
    late: frozenset[ModelCommand]
    leases: tuple[ModelFence, ...]
    writers: tuple[Writer, ...]
    readers: tuple[Reader, ...]
    budget: Budget

    def writer(self, number: int, writer: Writer) -> "GlobalState":
        """Return the state with this writer in it."""
        writers = (*self.writers[:number], writer, *self.writers[number + 1 :])
        return self._replace(writers=writers)

    def reader(self, number: int, reader: Reader) -> "GlobalState":
        """Return the state with this reader in it."""
        readers = (*self.readers[:number], reader, *self.readers[number + 1 :])
        return self._replace(readers=readers)

    def leased(self, process: int, lease: ModelFence) -> "GlobalState":
        """Return the state in which this process holds this lease."""
        leases = (*self.leases[:process], lease, *self.leases[process + 1 :])
        return self._replace(leases=leases)

    def outlived(self, seq: int) -> bool:
        """Tell whether nobody holds a lease from before this version of the fence."""
        return all(lease.seq >= seq for lease in self.leases)


Step = tuple[str, GlobalState]
Steps = Iterator[Step]


class Stale(Exception):
    """A read returned less than it had to."""
