"""What a run did, so that a machine that tests nothing cannot pass."""

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.measure.client import Response, outcome_of
from tests.stateful.answers import MadeCall


@dataclass
class Census:
    """Counts over all examples of a run."""

    ends_at_first: bool = False
    """Whether the run is a hunt, which is over when something was found."""
    examples: int = 0
    steps: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    hits: int = 0
    polls: int = 0
    """Reads that only waited for the cache to come back; they are no part of ``reads``."""
    recoveries: int = 0
    divergence: str = ""
    """What was found, in one line."""

    def answered(self, call: MadeCall, response: Response) -> None:
        """Count an answer of the cached side."""
        self.operations[f"{call.method} {call.path.lower()}"] += 1
        self.statuses[response.status] += 1
        if call.method == "GET":
            self.reads += 1
            self.hits += is_hit(response)

    def lines(self) -> list[str]:
        """Return the figures for people."""
        asked, struck = sum(self.operations.values()), sum(self.faults.values())
        statuses = Counter({str(status): count for status, count in self.statuses.items()})
        head = (
            f"{self.examples} examples, {self.steps} steps; {asked} operations, {self.reads} of "
            f"them reads, {self.hits} of them hits; {struck} faults; {self.recoveries} "
            f"recoveries, with {self.polls} more reads meanwhile"
        )
        return [
            head,
            f"operations: {_counts(self.operations)}",
            f"statuses: {_counts(statuses)}",
            f"faults: {_counts(self.faults)}",
        ]


def is_hit(response: Response) -> bool:
    """Tell whether the cache alone gave the answer."""
    return outcome_of(response.headers.get("cache-status")) == "hit"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())
