"""The record of a race: what clients asked and were answered, and what the servers held.

A recording is data alone. Everything that is said of it (the verdict, the figure, the tables) is
computed from it, so that a stored one says the same as the one that was just made. All its instants
are nanoseconds of one clock.
"""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.analysis.header import RunEnvironment
from benchmarks.coherence.history import RecordedOperation
from benchmarks.report.results import ResultsUnreadable, parsed
from benchmarks.storage.plain import DataUnreadable, from_plain

SCHEMA = "fivefold.race/3"
BEFORE, AFTER = "before", "after"
"""The heading of the todo: as it was created, and as the write leaves it."""


class RaceStep(StrEnum):
    """The steps of the race, in their order."""

    PREPARE = "prepare"
    READ = "read"
    WRITE = "write"
    DELIVER = "deliver"
    READ_AGAIN = "read-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """The contents of the servers when a step was over."""

    step: RaceStep
    at_ns: int
    mongodb: str
    """The heading of the todo."""
    redis: str
    """The heading in the list, or what is in its place."""
    expires_s: float | None = None
    """For how long Redis would keep that, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One race of one variant."""

    variant: str
    operations: tuple[RecordedOperation, ...]
    """The requests and answers of the clients: the verdict looks at nothing else."""
    states: tuple[ServerState, ...]
    held_ns: int | None = None
    """When the proxy held what process A stores, None if it stores nothing."""
    arrived_ns: int | None = None
    """When the proxy let it go."""

    def state_after(self, step: RaceStep) -> ServerState:
        """Return what the servers held after a step; raises ``KeyError`` without such a step."""
        return {state.step: state for state in self.states}[step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """The same race, run by each of some variants, and on which servers."""

    schema: str = SCHEMA
    environment: RunEnvironment
    recordings: tuple[Recording, ...]

    def of(self, variant: str) -> Recording:
        """Return the recording of a variant; raises ``KeyError`` if it did not take part."""
        return {recording.variant: recording for recording in self.recordings}[variant]


def from_json(text: str) -> Race:
    """Return the race that was written; raises ``ResultsUnreadable``."""
    try:
        return from_plain(Race, parsed(text, [SCHEMA]))
    except DataUnreadable as error:
        raise ResultsUnreadable(f"it is no race: {error}") from error
