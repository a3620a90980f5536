"""Decide which reads of a history no correct service could have answered.

Exact, not sampled, and in O(n log n): the versions of a register rise in commit order, so a read
is judged by comparing it with the highest version known before it started. What is known is
raised by acknowledgements (G1) and by reads that had returned (G2). A write without an
acknowledgement raises nothing and may take effect at any time after it was invoked.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.coherence.history import (
    GONE,
    Facts,
    FaultRecord,
    History,
    Observation,
    RecordedOperation,
    ends,
    is_token,
    written,
)

_NS = 1_000_000_000


class Breach(StrEnum):
    """The kinds of wrong answers."""

    STALE = "stale"
    """Older than a write that was acknowledged before the read started (G1)."""
    BACKWARDS = "backwards"
    """Older than what a read had returned before this one started (G2)."""
    IMPOSSIBLE = "impossible"
    """In no state at any time: another user's data, or a good token refused."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One read that is wrong, in the register that shows it."""

    breach: Breach
    operation: RecordedOperation
    register: str
    version: int
    floor: int
    """The version that the read had to return at least."""

    @property
    def is_revoked_token(self) -> bool:
        """Tell whether a token was accepted after its logout."""
        return self.breach is Breach.STALE and is_token(self.register)


def check(history: History) -> tuple[Violation, ...]:
    """Judge every answered read of a history, and the token of every answered operation."""
    return tuple(_Walk(history).findings())


class _Floors:
    """The highest known version of each register, now and as it was when a read started."""

    def __init__(self) -> None:
        self._live: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._gone_since: dict[str, int] = {}

    def rise(self, scope: str, register: str, version: int, at_ns: int) -> None:
        if register in self._gone_since:
            return
        live = self._live[scope]
        if version == GONE:
            live.pop(register, None)
            self._gone_since[register] = at_ns
        elif version > live.get(register, 0):
            live[register] = version

    def live(self, scope: str) -> dict[str, int]:
        return dict(self._live[scope])

    def at(self, live: dict[str, int], register: str, at_ns: int) -> int:
        gone_since = self._gone_since.get(register)
        return GONE if gone_since is not None and gone_since < at_ns else live.get(register, 0)


@dataclass(frozen=True, slots=True)
class _Pending:
    observation: Observation
    acknowledged: dict[str, int]
    returned: dict[str, int]


class _Walk:
    """Go through a history in time; what happens in the same nanosecond counts as concurrent."""

    def __init__(self, history: History) -> None:
        self._operations = history.operations
        self._facts = Facts(history.operations)
        self._binding = _binding(history, self._facts)
        self._acknowledged = _Floors()
        self._returned = _Floors()
        self._ending: set[str] = set()
        self._pending: dict[int, list[_Pending]] = {}

    def findings(self) -> list[Violation]:
        events = [
            (at_ns, returns, number)
            for number, operation in enumerate(self._operations)
            for at_ns, returns in ((operation.invoked_ns, False), (operation.returned_ns, True))
        ]
        events.sort()
        findings: list[Violation] = []
        for _, returns, number in events:
            if not returns:
                self._invoke(number)
            elif self._operations[number].answered:
                findings += self._return(number)
        return findings

    def _invoke(self, number: int) -> None:
        operation = self._operations[number]
        ending = ends(operation)
        if ending is not None:
            self._ending.add(ending)
        if operation.answered:
            self._pending[number] = [
                _Pending(
                    observation,
                    self._acknowledged.live(observation.scope),
                    self._returned.live(observation.scope),
                )
                for observation in self._facts.observations(operation)
            ]

    def _return(self, number: int) -> Iterator[Violation]:
        operation = self._operations[number]
        for pending in self._pending.pop(number):
            found = list(self._judge(operation, pending))
            if found:
                # One per observation: the others would say the same of the same answer.
                yield min(found, key=lambda finding: list(Breach).index(finding.breach))
        write = written(operation)
        if write is not None:
            self._acknowledged.rise(
                write.scope, write.register, write.version, operation.returned_ns
            )

    def _judge(self, operation: RecordedOperation, pending: _Pending) -> Iterator[Violation]:
        observation, started_ns = pending.observation, operation.invoked_ns
        registers = {*observation.seen, *observation.asked}
        if observation.whole:
            registers |= pending.acknowledged.keys() | pending.returned.keys()
        for register in registers:
            acknowledged = self._acknowledged.at(pending.acknowledged, register, started_ns)
            returned = self._returned.at(pending.returned, register, started_ns)
            floor = max(acknowledged, returned)
            version = self._version(operation, observation, register, floor)
            if version is None:
                yield Violation(
                    Breach.IMPOSSIBLE, operation, register, observation.seen[register], floor
                )
            elif version < floor:
                stale = version < acknowledged
                breach = Breach.STALE if stale else Breach.BACKWARDS
                yield Violation(
                    breach, operation, register, version, acknowledged if stale else floor
                )
            elif (register, version) in self._binding:
                self._returned.rise(observation.scope, register, version, operation.returned_ns)

    def _version(
        self, operation: RecordedOperation, observation: Observation, register: str, floor: int
    ) -> int | None:
        """Return the version that a read saw, ``None`` for one that never was."""
        ending = register in self._ending
        if register not in observation.seen:
            # Not there: no longer if there was one and a client asked for its end, else not yet.
            return GONE if floor and ending else 0
        version = observation.seen[register]
        foreign = self._facts.owners.get(register, operation.user) != operation.user
        return None if foreign or version < 0 or (version == GONE and not ending) else version


def _binding(history: History, facts: Facts) -> set[tuple[str, int]]:
    """Return the versions that later reads must show once a read has shown them.

    These are all but those under the residual risks R1 (while its write was in flight, its mark was
    lost or ended) and R2 (its write was not acknowledged). Of them nothing was promised yet.
    """
    longest_ns = history.mark_s * _NS
    losses = [fault for fault in history.faults if fault.loses_marks]
    return {
        version
        for version, write in facts.writers.items()
        if write.returned_ns - write.invoked_ns <= longest_ns
        and not any(_overlap(write, fault) for fault in losses)
    }


def _overlap(write: RecordedOperation, fault: FaultRecord) -> bool:
    return write.invoked_ns <= fault.ended_ns and fault.started_ns <= write.returned_ns
